package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"roamfault/reports/stats"
)

// amount writes a number of things.
func amount(n int, thing string) string {
	if n != 1 && (strings.HasSuffix(thing, "sh") || strings.HasSuffix(thing, "ss")) {
		thing += "e"
	}
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// grouped writes a number with commas between thousands, from 10,000 on.
func grouped(n int) string {
	s := strconv.Itoa(n)
	if len(s) < 5 {
		return s
	}
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// probability writes a p-value to two digits.
func probability(p Number) string {
	switch {
	case !p.Known():
		return "none"
	case p >= 0.995:
		return "1"
	case p < 1e-12:
		return "< 1e-12"
	case p < 0.0001:
		return strconv.FormatFloat(float64(p), 'e', 1, 64)
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(float64(p), 'f', 1+digits(p), 64), "0"), ".")
}

// pIs writes a p-value with what it is.
func pIs(p Number) string {
	if s := probability(p); !strings.HasPrefix(s, "<") {
		return "p = " + s
	}
	return "p " + probability(p)
}

// digits is the place of a number's first digit behind the point.
func digits(p Number) int { return max(1, int(math.Ceil(-math.Log10(float64(p))))) }

// percent writes a share.
func percent(share float64) string {
	v := math.Abs(share * 100)
	n := 1
	switch {
	case v != 0 && v < 0.1:
		n = 3
	case v < 10:
		n = 2
	}
	s := strconv.FormatFloat(share*100, 'f', n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return s + " %"
}

func signed(s string) string {
	if strings.HasPrefix(s, "-") || s == "0 %" || s == "0" {
		return s
	}
	return "+" + s
}

// amountOf writes a difference in the unit of the end point.
func (j *judge) amountOf(v Number) string { return signed(j.unsigned(float64(v))) }

func (j *judge) unsigned(v float64) string {
	switch {
	case !Number(v).Known():
		return "unknown"
	case j.o.EndPoint == PerHour:
		return short(v) + " an hour"
	}
	return percent(v)
}

// short writes a number to three digits.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// effect says in words how far two shares differ.
func effect(a, b stats.Counts) string {
	ra, rb := a.Rate(), b.Rate()
	switch {
	case a.Trials == 0 || b.Trials == 0:
		return "one arm has no cycle"
	case a.Events == 0 && b.Events == 0:
		return "none in either"
	case a.Events == 0:
		return "before none, now " + oneIn(rb)
	case b.Events == 0:
		return "now none, before " + oneIn(ra)
	case rb > ra*1.05:
		return fmt.Sprintf("%s as often (%s more)", times(rb/ra), points(rb-ra))
	case ra > rb*1.05:
		return fmt.Sprintf("%s rarer (%s fewer)", times(ra/rb), points(ra-rb))
	}
	return "as often as before"
}

// points writes a difference of shares.
func points(d float64) string { return strings.TrimSuffix(percent(d), " %") + " percentage points" }

func oneIn(rate float64) string {
	if rate >= 0.5 {
		return percent(rate) + " of the cycles"
	}
	return fmt.Sprintf("one cycle in %s", grouped(int(math.Round(1/rate))))
}

func times(ratio float64) string {
	if ratio >= 9.95 {
		return grouped(int(math.Round(ratio))) + " times"
	}
	return strconv.FormatFloat(ratio, 'f', 1, 64) + " times"
}

// summary is the verdict in one sentence.
func summary(c *Comparison) string {
	counts := fmt.Sprintf("%s of %s on %s, %s of %s on %s",
		grouped(c.Overall.A.Events), grouped(c.Overall.A.Trials), c.A.Name, grouped(c.Overall.B.Events), grouped(c.Overall.B.Trials), c.B.Name)
	if c.EndPoint == PerHour {
		counts = fmt.Sprintf("%s in %s h on %s, %s in %s h on %s", amount(c.Overall.Hours.A.Events, "incident"), hours(c.Overall.Hours.A.Hours), c.A.Name,
			grouped(c.Overall.Hours.B.Events), hours(c.Overall.Hours.B.Hours), c.B.Name)
	} else {
		counts = "failed cycles: " + counts
	}
	return c.Verdict.String() + ": " + counts
}

func hours(n Number) string {
	if !n.Known() {
		return "?"
	}
	return short(float64(n))
}

// words says what would tell.
func (m *More) words() string {
	arm := func(loads, cycles int) string {
		if cycles == 0 {
			return amount(loads, "firmware load")
		}
		return fmt.Sprintf("%s (%s)", amount(loads, "firmware load"), amount(cycles, "cycle"))
	}
	return fmt.Sprintf("about %s more on the old arm and %s more on the new could tell", arm(m.LoadsA, m.CyclesA), arm(m.LoadsB, m.CyclesB))
}
