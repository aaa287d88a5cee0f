package journalctl

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"

	"roamfault/journal/child"
)

// Groups is what is known of the groups that may read the journal.
type Groups struct {
	// Exist are those of them that the system has, Member those of them that
	// the process is in.
	Exist, Member []string
}

// readers are the groups that may read the whole journal where the
// distribution lets them (systemd's tmpfiles.d/systemd.conf), by preference.
func readers() []string { return []string{"systemd-journal", "adm", "wheel"} }

// groups asks the system.
func groups() Groups {
	var g Groups
	ids, err := os.Getgroups()
	if err != nil {
		ids = nil
	}
	for _, name := range readers() {
		found, err := user.LookupGroup(name)
		if err != nil {
			continue
		}
		g.Exist = append(g.Exist, name)
		if slices.ContainsFunc(append(ids, os.Getegid()), func(id int) bool { return fmt.Sprint(id) == found.Gid }) {
			g.Member = append(g.Member, name)
		}
	}
	return g
}

// advice says what to do about a journal that may not be read.
func (g Groups) advice() string {
	switch {
	case len(g.Member) > 0:
		return "run as root: this user is in group " + g.Member[0] + ", which is not enough here"
	case len(g.Exist) > 0:
		return "this user is missing in group " + strings.Join(g.Exist, " or ") + ": usermod -aG " + g.Exist[0] + " USER and log in again, or run as root"
	}
	return "run as root"
}

// The verdicts on what journalctl says on its error output, by parts of it; the
// first that fits counts. They are the texts of access_check in systemd's
// logs-show.c, journal-util.c and journalctl.c.
func (s *Source) judge(line string) child.Judgement {
	for _, v := range []struct {
		part string
		kind child.Kind
		err  error
		who  bool
	}{
		{"currently not seeing messages from", child.Hint, errors.New("some of the journal is hidden from this user"), true},
		{"insufficient permissions", child.Fatal, child.ErrPermission, true},
		{"Permission denied", child.Fatal, child.ErrPermission, true},
		{"Failed to seek to cursor", child.Fatal, fmt.Errorf("cursor %q is none of a journal", s.After), false},
		{"No journal files were found", child.Hint, errors.New("no journal files were found"), false},
		{"ignoring file: No such file or directory", child.Plain, nil, false}, // vacuumed or renamed while it was opened
		{"ignoring file", child.Damage, errors.New(line), false},
		{"Journal file", child.Damage, errors.New(line), false},
		{"corrupted", child.Damage, errors.New(line), false},
		{"Failed to", child.Fatal, errors.New(line), false},
	} {
		if !strings.Contains(line, v.part) {
			continue
		}
		if v.who {
			ask := s.Groups
			if ask == nil {
				ask = groups
			}
			return child.Judgement{Kind: v.kind, Err: fmt.Errorf("%w: %s", v.err, ask().advice())}
		}
		return child.Judgement{Kind: v.kind, Err: v.err}
	}
	return child.Judgement{}
}
