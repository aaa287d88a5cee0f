package render

import (
	"cmp"
	"slices"

	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// Bounds on what a document for people holds.
const (
	mostInFull   = 20   // incidents told in full
	mostGroups   = 1000 // fingerprints counted beyond them
	mostClasses  = 256  // classes counted
	shownGroups  = 30
	shownTrouble = 10
	shownInputs  = 20
	longestText  = 500 // bytes of a title or example kept
)

// gather collects what a document for people says once everything is known.
type gather struct {
	incidents int                  // how many there are
	full      []*incident.Incident // those told in full, in order
	heading   *incident.Incident   // the gravest of all
	repeated  map[string]*group    // by fingerprint
	groups    []*group             // the same, in order of appearance
	ungrouped int                  // incidents beyond mostGroups fingerprints
	events    int
	roams     int
	outside   map[patterns.Class]int // events of no incident
	uncounted int                    // events of classes beyond mostClasses
	outage    outages
}

// group is a number of further incidents with the same fingerprint.
type group struct {
	Fingerprint, Title string
	Count              int
	First, Last        string // where the first and the last begin
}

func (g *gather) Event(e *incident.Event) error {
	n := max(e.Count, 1)
	g.events += n
	if e.Class == patterns.RoamStart {
		g.roams += n
	}
	if e.Incident != "" {
		return nil
	}
	if g.outside == nil {
		g.outside = make(map[patterns.Class]int)
	}
	if _, known := g.outside[e.Class]; !known && len(g.outside) >= mostClasses {
		g.uncounted += n
		return nil
	}
	g.outside[e.Class] += n
	return nil
}

func (g *gather) Incident(i *incident.Incident) error {
	g.incidents++
	g.outage.add(i)
	if g.heading == nil || graver(i, g.heading) {
		g.heading = i
	}
	if len(g.full) < mostInFull {
		g.full = append(g.full, i)
		return nil
	}
	g.repeat(i)
	return nil
}

func (g *gather) repeat(i *incident.Incident) {
	known := g.repeated[i.Fingerprint]
	if known == nil {
		if len(g.groups) >= mostGroups {
			g.ungrouped++
			return
		}
		if g.repeated == nil {
			g.repeated = make(map[string]*group)
		}
		known = &group{Fingerprint: clip(Clean(i.Fingerprint), longestText), Title: clip(Clean(i.Title), longestText), First: began(i)}
		g.repeated[i.Fingerprint] = known
		g.groups = append(g.groups, known)
	}
	known.Count++
	known.Last = began(i)
}

// settle puts the gravest incident among those told in full.
func (g *gather) settle() {
	if g.heading == nil || slices.Contains(g.full, g.heading) {
		return
	}
	last := len(g.full) - 1
	out := g.full[last]
	g.full[last] = g.heading
	g.ungroup(g.heading)
	g.repeat(out)
}

// ungroup takes an incident that is told in full out of the counts.
func (g *gather) ungroup(i *incident.Incident) {
	known := g.repeated[i.Fingerprint]
	if known == nil {
		g.ungrouped--
		return
	}
	known.Count--
	if known.Count == 0 {
		delete(g.repeated, i.Fingerprint)
		g.groups = slices.DeleteFunc(g.groups, func(o *group) bool { return o == known })
	}
}

// further returns the groups by how often they came, at most shownGroups, how
// many groups there are beyond them, and how many incidents are in none shown.
func (g *gather) further() (shown []*group, groups, incidents int) {
	shown = slices.Clone(g.groups)
	slices.SortStableFunc(shown, func(a, b *group) int { return cmp.Compare(b.Count, a.Count) })
	if len(shown) > shownGroups {
		for _, o := range shown[shownGroups:] {
			incidents += o.Count
		}
		groups = len(shown) - shownGroups
		shown = shown[:shownGroups]
	}
	return shown, groups, incidents + g.ungrouped
}

// furtherTitle heads the list of the incidents that are not told in full.
func (g *gather) furtherTitle() string {
	return plural(g.incidents-len(g.full), "more incident", "more incidents") + ", by fingerprint"
}

// outcomeRank orders outcomes by how bad they are.
var outcomeRank = map[incident.Outcome]int{
	incident.FatalEnd: 4, incident.Failed: 3, incident.Open: 2, incident.ResetOnly: 1, incident.Recovered: 0,
}

// graver reports whether a is worse than b. Of equals the first counts.
func graver(a, b *incident.Incident) bool {
	return cmp.Or(cmp.Compare(severity(a), severity(b)), cmp.Compare(outcomeRank[a.Outcome], outcomeRank[b.Outcome])) > 0
}

func severity(i *incident.Incident) patterns.Severity {
	if i.Worst == nil {
		return patterns.Info
	}
	return i.Worst.Severity
}

// tally is how often a class came outside of incidents.
type tally struct {
	Class    string // clean
	Severity patterns.Severity
	Count    int
	Meaning  string
}

// tallies returns the trouble outside of incidents, and the progress and
// context, each in the order of the vocabulary.
func (g *gather) tallies() (trouble, progress []tally) {
	place := make(map[string]int)
	for n, info := range patterns.Vocabulary() {
		place[string(info.Class)] = n
	}
	var all []tally
	for class, n := range g.outside {
		info, _ := class.Info()
		all = append(all, tally{Clean(string(class)), info.Severity, n, info.Meaning})
	}
	slices.SortFunc(all, func(a, b tally) int {
		return cmp.Or(cmp.Compare(place[a.Class], place[b.Class]), cmp.Compare(a.Class, b.Class))
	})
	for _, t := range all {
		if t.Severity >= patterns.Warn {
			trouble = append(trouble, t)
		} else {
			progress = append(progress, t)
		}
	}
	return trouble, progress
}

// telling returns the inputs worth a line of their own first: those that
// could not be read, then those of which something was skipped.
func telling(inputs []analysis.Input) (shown []analysis.Input, more int) {
	rank := func(i analysis.Input) int {
		switch {
		case i.Err != nil:
			return 0
		case len(i.Skipped) > 0:
			return 1
		}
		return 2
	}
	if len(inputs) <= shownInputs {
		return inputs, 0
	}
	shown = slices.Clone(inputs)
	slices.SortStableFunc(shown, func(a, b analysis.Input) int { return cmp.Compare(rank(a), rank(b)) })
	return shown[:shownInputs], len(inputs) - shownInputs
}
