package runlog

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roamfault/nl80211/dot11"
)

// Problem is what is wrong with a plan.
type Problem struct {
	// File and Line say where it stands; empty and 0 of a plan from no file.
	File string
	Line int
	// Path is the key, as in "kinds[1].weight"; empty: the plan as a whole.
	Path string
	Text string
}

// Error says what is wrong, and where.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", p.File, max(p.Line, 1))
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	return b.String() + p.Text
}

// Bounds of a plan.
const (
	mostCycles   = 100_000_000
	longestRun   = 366 * 24 * time.Hour
	longestDwell = 24 * time.Hour
	longestName  = 64
	longestAbout = 4096
	mostTargets  = 256
	mostWeight   = 1_000_000
	mostRate     = 100e9 // bit/s
	lastLinkID   = 14    // IEEE 802.11be-2024, 9.4.2.322.2.3: 15 is reserved
	// GatewayWord stands for the address of the network's gateway in a [ProbePlan].
	GatewayWord = "gateway"
)

// Injectors are all injectors.
func Injectors() []Injector {
	return []Injector{StaleBSS, GroupKeyNoLink, GroupKeyLink, ChipReset, ForceMMIODead}
}

// Validate says all that is wrong with a plan that has its defaults: nil, or
// [Problem]s that are joined.
func (p *Plan) Validate() error {
	var errs []error
	for _, problem := range p.problems() {
		errs = append(errs, problem)
	}
	return errors.Join(errs...)
}

func (p *Plan) problems() []*Problem {
	c := new(planChecker)
	c.head(p)
	c.targets(&p.Targets)
	c.times(p)
	c.kinds(p.Kinds)
	c.injections(p.Inject)
	c.probe(&p.Probe)
	c.number("stop.incidents", p.Stop.Incidents, 0, mostCycles)
	c.number("stop.failures", p.Stop.Failures, 0, mostCycles)
	c.number("cycles-per-load", p.CyclesPerLoad, 0, mostCycles)
	return c.found
}

type planChecker struct{ found []*Problem }

func (c *planChecker) fail(path, format string, args ...any) {
	c.found = append(c.found, &Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

func (c *planChecker) number(path string, n, least, most int) {
	if n < least || n > most {
		c.fail(path, "%d is not between %d and %d", n, least, most)
	}
}

func (c *planChecker) time(path string, d, least, most time.Duration) {
	if d < least || d > most {
		c.fail(path, "%s is not between %s and %s", durationText(d), durationText(least), durationText(most))
	}
}

// word checks a word that is one of some.
func (c *planChecker) word(path, what, w string, all []string) {
	if !slices.Contains(all, w) {
		c.fail(path, "unknown %s %q%s", what, w, meant(w, all))
	}
}

func (c *planChecker) head(p *Plan) {
	if p.Name == "" || len(p.Name) > longestName || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		c.fail("name", "%.80q is no name: 1 to %d lower-case letters, digits and - are wanted", p.Name, longestName)
	}
	if len(p.About) > longestAbout || !utf8.ValidString(p.About) || strings.ContainsFunc(p.About, unicode.IsControl) {
		c.fail("about", "it is no line of text of at most %d bytes", longestAbout)
	}
	c.number("cycles", p.Cycles, 0, mostCycles)
	c.time("duration", time.Duration(p.Duration), 0, longestRun)
	if p.Cycles == 0 && p.Duration == 0 {
		c.fail("", "nothing says when the run ends: give cycles, a duration, or both")
	}
	c.word("order", "order", string(p.Order), []string{string(PingPong), string(RoundRobin), string(Random)})
	if p.Link != BestLink && p.Link != EachLink {
		if id, err := strconv.Atoi(string(p.Link)); err != nil || id < 0 || id > lastLinkID || strconv.Itoa(id) != string(p.Link) {
			c.fail("link", "%.80q is no choice of links: %s, %s, or the number of a link from 0 to %d%s", p.Link, BestLink, EachLink, lastLinkID,
				meant(string(p.Link), []string{string(BestLink), string(EachLink)}))
		}
	}
}

func (c *planChecker) targets(t *Targets) {
	if len(t.SSID) > dot11.MaxSSID {
		c.fail("targets.ssid", "%d octets are too many: an SSID has at most %d", len(t.SSID), dot11.MaxSSID)
	}
	for _, list := range []struct {
		path  string
		addrs []dot11.Addr
	}{{"targets.mld", t.MLD}, {"targets.bssid", t.BSSID}} {
		if len(list.addrs) > mostTargets {
			c.fail(list.path, "%d are too many: at most %d", len(list.addrs), mostTargets)
			continue
		}
		for i, a := range list.addrs {
			path := at(list.path, i)
			switch {
			case a.IsZero() || a.Group():
				c.fail(path, "%v is the address of no access point", a)
			case slices.Contains(list.addrs[:i], a):
				c.fail(path, "%v is there already", a)
			}
		}
	}
	for i, b := range t.Bands {
		switch {
		case b < dot11.Band2GHz || b > dot11.Band6GHz:
			c.fail(at("targets.bands", i), "%v is none: 2.4 GHz, 5 GHz and 6 GHz are", b)
		case slices.Contains(t.Bands[:i], b):
			c.fail(at("targets.bands", i), "%v is there already", b)
		}
	}
}

func (c *planChecker) times(p *Plan) {
	c.time("dwell", p.Dwell.Min, 0, longestDwell)
	c.time("dwell", p.Dwell.Max, p.Dwell.Min, longestDwell)
	c.time("settle", time.Duration(p.Settle), 0, time.Hour)
	c.time("timeout", time.Duration(p.Timeout), 100*time.Millisecond, 10*time.Minute)
}

func (c *planChecker) kinds(kinds []Weighted) {
	var all []string
	for _, k := range Kinds() {
		all = append(all, string(k.Kind))
	}
	if len(kinds) == 0 {
		c.fail("kinds", "there is none: nothing would be done")
	}
	seen := make(map[Kind]bool)
	for i, k := range kinds {
		path := at("kinds", i)
		c.word(path+".kind", "kind", string(k.Kind), all)
		if seen[k.Kind] {
			c.fail(path+".kind", "%s is there already", k.Kind)
		}
		seen[k.Kind] = true
		if k.Weight < 1 || k.Weight > mostWeight {
			c.fail(path+".weight", "%d is not between 1 and %d: leave out a kind that is not wanted", k.Weight, mostWeight)
		}
	}
}

func (c *planChecker) injections(list []Injection) {
	var all []string
	for _, f := range Injectors() {
		all = append(all, string(f))
	}
	seen := make(map[Injector]bool)
	for i, in := range list {
		path := at("inject", i)
		c.word(path+".fault", "fault", string(in.Fault), all)
		if seen[in.Fault] {
			c.fail(path+".fault", "%s is there already", in.Fault)
		}
		seen[in.Fault] = true
		c.number(path+".every", in.Every, 1, mostCycles)
	}
}

func (c *planChecker) probe(p *ProbePlan) {
	if p.Ping != "" && p.Ping != GatewayWord {
		if _, err := netip.ParseAddr(p.Ping); err != nil {
			c.fail("probe.ping", "%.80q is no IP address, and not the word %s%s", p.Ping, GatewayWord, meant(p.Ping, []string{GatewayWord}))
		}
	}
	if p.Ping != "" {
		c.time("probe.interval", time.Duration(p.Interval), 10*time.Millisecond, time.Minute)
	} else if p.Interval != 0 {
		c.fail("probe.interval", "there is nobody to ping: give probe.ping")
	}
	switch {
	case p.Load == "":
		if p.Rate != 0 {
			c.fail("probe.rate", "there is nowhere to send load to: give probe.load")
		}
		return
	case !(p.Rate >= 1 && p.Rate <= mostRate):
		c.fail("probe.rate", "%v is not between 1 and %.0f bit/s", p.Rate, float64(mostRate))
	}
	if !loadTarget(p.Load) {
		c.fail("probe.load", "%.200q is no target of load: udp://HOST:PORT or tcp://HOST:PORT of an echo service is wanted", p.Load)
	}
}

func loadTarget(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0 && port <= math.MaxUint16 && u.Hostname() != "" && len(text) <= 300
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// meant suggests the word that a misspelt one was likely to be, or names all
// where they are few.
func meant(word string, all []string) string {
	const few = 5
	best, least := "", len(word)/3+2
	for _, w := range all {
		if d := distance(word, w, least); d < least {
			best, least = w, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf(" (did you mean %s?)", best)
	case len(all) <= few && len(all) > 1:
		return fmt.Sprintf(": %s and %s are known", strings.Join(all[:len(all)-1], ", "), all[len(all)-1])
	}
	return ""
}

// distance is Levenshtein's, or most where it is that or more.
func distance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], most)
}
