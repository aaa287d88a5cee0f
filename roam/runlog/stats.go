package runlog

import "fmt"

// Stats says what a reader met in a run file.
type Stats struct {
	// Version is the file's, 0 where its first line is lost.
	Version int
	Bytes   int64 // read, torn line and all
	Lines   int   // that end, damaged ones too
	Entries int   // that counted
	// Whole is where the last line that ends, ends: a writer goes on there.
	Whole int64
	// Torn is how many bytes stand behind that. They are no line and do not count.
	Torn int64
	// Damaged lines did not count; Damages are the first of them.
	Damaged int
	Damages []Damage
	// Missing is how many lines are not there, by the numbers of the others.
	Missing uint64
	Late    int // lines that stand behind later ones; they counted
	// Repeated lines were there already and did not count again.
	Repeated int
	// Unknown lines are whole, of a type that this version does not know.
	Unknown int
	// Headless says that the first line, which names the run, is lost.
	Headless bool
	// Last is the highest number of a line.
	Last uint64
}

// Damage is a line that did not count, and why.
type Damage struct {
	Line int // from 1
	Why  string
}

// mostDamages bounds the damages that are named one by one.
const mostDamages = 100

func (s *Stats) damaged(line int, why error) {
	s.Damaged++
	if len(s.Damages) < mostDamages {
		s.Damages = append(s.Damages, Damage{line, why.Error()})
	}
}

// Clean reports whether all was found that was written. A torn last line is what
// a crash leaves, and no damage.
func (s *Stats) Clean() bool {
	return s.Damaged == 0 && s.Missing == 0 && s.Late == 0 && s.Repeated == 0 && !s.Headless
}

// Problems says in words what was not as it should be, one line each; none of a
// file that is clean and whole.
func (s *Stats) Problems() []string {
	var out []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(s.Headless, "the first line, which says what run it is, is lost")
	for _, d := range s.Damages {
		say(true, "line %d does not count: %s", d.Line, d.Why)
	}
	say(s.Damaged > len(s.Damages), "%d more lines do not count", s.Damaged-len(s.Damages))
	say(s.Missing > 0, "%d lines are missing", s.Missing)
	say(s.Late > 0, "%d lines are not in their place", s.Late)
	say(s.Repeated > 0, "%d lines are there a second time and count once", s.Repeated)
	say(s.Unknown > 0, "%d lines are of a type that only a later version knows", s.Unknown)
	say(s.Torn > 0, "the last line is torn: %d bytes do not count", s.Torn)
	return out
}
