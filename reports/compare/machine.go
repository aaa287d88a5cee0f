package compare

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// WriteJSON writes the comparison as one JSON object, as schema.Comparison
// describes it.
func (c *Comparison) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// testCase is a line of the reports that continuous integration reads.
type testCase struct {
	name    string
	verdict Verdict
	// compared is false of a class that is skipped, text says why.
	compared bool
	text     string
}

// cases are the verdict and then one case a class. A class fails where it became
// more frequent by itself, after Holm; one that could not be compared is skipped.
func (c *Comparison) cases() []testCase {
	all := []testCase{{"verdict", c.Verdict, c.Verdict != CannotTell, c.Summary + "; " + c.Why}}
	for _, t := range c.Classes {
		k := testCase{t.Class, NoChange, t.Compared, t.Why}
		if t.Compared {
			k.text = fmt.Sprintf("%s before, %s now; %s; %s after Holm", countWords(t.Test.A), countWords(t.Test.B), t.Test.Effect, pIs(t.Adjusted))
			if c.worse(&t) {
				k.verdict = Regression
			}
		}
		all = append(all, k)
	}
	return all
}

// worse reports whether a class by itself became more frequent.
func (c *Comparison) worse(t *ClassTest) bool {
	p := t.Test.primary(c.EndPoint).P
	return t.Adjusted.Known() && t.Adjusted <= Number(c.Alpha) && p.Greater < p.Less
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
	Output  string        `xml:"system-out"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes JUnit's XML: the verdict and one case a class. What cannot be
// told is skipped.
func (c *Comparison) WriteJUnit(w io.Writer) error {
	s := junitSuite{Name: "roamfault compare " + c.A.Name + " " + c.B.Name}
	for _, k := range c.cases() {
		out := junitCase{Class: "roamfault.compare", Name: k.name, Output: k.text}
		s.Tests++
		switch {
		case !k.compared:
			s.Skipped++
			out.Skipped = &junitMessage{k.text}
		case k.verdict == Regression:
			s.Failures++
			out.Failure = &junitMessage{k.text}
		}
		s.Cases = append(s.Cases, out)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// WriteKTAP writes the same cases as KTAP, version 1, as kernel self-tests do
// (Documentation/dev-tools/ktap.rst).
func (c *Comparison) WriteKTAP(w io.Writer) error {
	var b strings.Builder
	cases := c.cases()
	fmt.Fprintf(&b, "KTAP version 1\n1..%d\n", len(cases))
	for n, k := range cases {
		text := ktap(k.text)
		switch {
		case !k.compared:
			fmt.Fprintf(&b, "ok %d %s # SKIP %s\n", n+1, ktap(k.name), text)
		case k.verdict == Regression:
			fmt.Fprintf(&b, "# %s\nnot ok %d %s\n", text, n+1, ktap(k.name))
		default:
			fmt.Fprintf(&b, "# %s\nok %d %s\n", text, n+1, ktap(k.name))
		}
	}
	for _, warning := range c.Warnings {
		fmt.Fprintf(&b, "# warning: %s\n", ktap(warning.words(c)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ktap takes from text what begins a directive.
func ktap(s string) string { return strings.ReplaceAll(s, "#", "No.") }

// WritePrometheus writes the text format of Prometheus, for a file collector.
func (c *Comparison) WritePrometheus(w io.Writer) error {
	var b strings.Builder
	labels := fmt.Sprintf(`a="%s",b="%s"`, label(c.A.Name), label(c.B.Name))
	head := func(name, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name) }
	head("roamfault_compare_verdict", "1 for the verdict of the comparison, 0 for the others.")
	for _, v := range []Verdict{Regression, Improvement, NoChange, CannotTell} {
		on := 0
		if v == c.Verdict {
			on = 1
		}
		fmt.Fprintf(&b, "roamfault_compare_verdict{%s,verdict=%q} %d\n", labels, string(v), on)
	}
	counts := func(name, help string, of func(*Test) (a, b int)) {
		head(name, help)
		row := func(class string, t *Test) {
			va, vb := of(t)
			fmt.Fprintf(&b, "%s{%s,arm=\"a\",class=\"%s\"} %d\n%s{%s,arm=\"b\",class=\"%s\"} %d\n", name, labels, class, va, name, labels, class, vb)
		}
		row("", &c.Overall)
		for i := range c.Classes {
			row(label(c.Classes[i].Class), &c.Classes[i].Test)
		}
	}
	counts("roamfault_compare_failed_cycles", "Compared cycles that failed, or had an incident of the class.", func(t *Test) (int, int) { return t.A.Events, t.B.Events })
	counts("roamfault_compare_cycles", "Cycles compared.", func(t *Test) (int, int) { return t.A.Trials, t.B.Trials })
	counts("roamfault_compare_incidents", "Incidents in the hours of the arm.", func(t *Test) (int, int) { return t.Hours.A.Events, t.Hours.B.Events })
	head("roamfault_compare_p_value", "Two-sided p-value by firmware loads, of classes after Holm.")
	p := func(class string, v Number) {
		if v.Known() {
			fmt.Fprintf(&b, "roamfault_compare_p_value{%s,class=\"%s\"} %g\n", labels, class, float64(v))
		}
	}
	p("", c.Overall.primary(c.EndPoint).P.TwoSided)
	for _, t := range c.Classes {
		p(label(t.Class), t.Adjusted)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// label escapes a label's value.
func label(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}
