package compare

import (
	"time"

	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// The measures, beside the stages.
const (
	measureTook   = "took"
	measureOutage = "outage"
)

// measures are the names of all durations that are compared, in their order.
func measures() []string {
	names := []string{measureTook, measureOutage}
	for _, s := range runlog.Stages() {
		names = append(names, string(s))
	}
	return names
}

// measure takes the durations of a cycle. One that did not come to its end is
// censored at the time it had: it would have taken longer.
func (a *Arm) measure(origin runlog.Origin, c *Cycle) {
	samples := a.samples[origin]
	if samples == nil {
		samples = make([]stats.Sample, 2+len(runlog.Stages()))
		a.samples[origin] = samples
	}
	took, outage := &samples[0], &samples[1]
	if arrived(c.Outcome) {
		if c.Took > 0 {
			took.Add(int64(c.Took))
		}
		if c.Outage > 0 {
			outage.Add(int64(c.Outage))
		}
	} else {
		had := max(c.Took, c.Timeout)
		took.Censor(int64(had))
		outage.Censor(int64(max(had, c.Outage)))
	}
	for _, s := range c.Stages {
		at := stageIndex(s.Stage)
		switch {
		case at < 0:
		case s.End >= s.Begin && s.End > 0:
			samples[2+at].Add(int64(s.End - s.Begin))
		default:
			samples[2+at].Censor(int64(max(0, max(c.Took, c.Timeout)-s.Begin)))
		}
	}
}

// arrived reports whether a cycle came to a connection as asked, whatever came
// after.
func arrived(o runlog.Outcome) bool {
	switch o {
	case runlog.OK, runlog.Incident, runlog.Stalled, runlog.MissingLinks, runlog.Lost:
		return true
	}
	return false
}

func stageIndex(s runlog.Stage) int {
	switch s {
	case runlog.StageRequest:
		return 0
	case runlog.StageScan:
		return 1
	case runlog.StageAuth:
		return 2
	case runlog.StageAssoc:
		return 3
	case runlog.StageHandshake:
		return 4
	case runlog.StagePort:
		return 5
	case runlog.StagePacket:
		return 6
	}
	return -1
}

// Latency compares a duration cycle by cycle.
type Latency struct {
	Measure string       `json:"measure"`
	A       LatencyOfArm `json:"a"`
	B       LatencyOfArm `json:"b"`
	// P is of the rank test with censored values, Adjusted its two-sided one by
	// Holm over all durations.
	P        P      `json:"p"`
	Adjusted Number `json:"adjusted"`
	Exact    bool   `json:"exact"`
	// Superior is the chance that a cycle of b took longer than one of a.
	Superior Number `json:"superior"`
	// Shift is how much longer b takes (Hodges and Lehmann).
	Shift   Number   `json:"shift_ms"`
	Between Interval `json:"shift_between_ms"`
}

// LatencyOfArm are the durations of an arm. A quantile that falls to a cycle
// that did not come to its end is null.
type LatencyOfArm struct {
	N        int    `json:"n"`
	Censored int    `json:"censored"`
	Median   Number `json:"median_ms"`
	P95      Number `json:"p95_ms"`
}

func milliseconds(ns float64) Number { return Number(ns / float64(time.Millisecond)) }

func latencyOf(s *stats.Sample) LatencyOfArm {
	l := LatencyOfArm{Median: none(), P95: none()}
	l.N, l.Censored = s.N()
	if v, ok := s.Quantile(0.5); ok {
		l.Median = milliseconds(float64(v))
	}
	if v, ok := s.Quantile(0.95); ok {
		l.P95 = milliseconds(float64(v))
	}
	return l
}

// latencies compares all durations that both arms have.
func latencies(a, b *Arm, o Options) []Latency {
	out := []Latency{}
	var p []float64
	sa, sb := a.samples[o.Origin], b.samples[o.Origin]
	for i, name := range measures() {
		if sa == nil || sb == nil {
			break
		}
		la, lb := latencyOf(&sa[i]), latencyOf(&sb[i])
		if la.N == la.Censored && lb.N == lb.Censored || la.N == 0 || lb.N == 0 {
			continue
		}
		r := stats.MannWhitney(&sa[i], &sb[i], 1-o.Alpha)
		out = append(out, Latency{
			Measure: name, A: la, B: lb,
			P: probabilities(r.P), Exact: r.Exact, Superior: Number(r.Superior),
			Shift: milliseconds(r.Shift), Between: Interval{milliseconds(r.Between.Low), milliseconds(r.Between.High)},
		})
		p = append(p, r.P.TwoSided)
	}
	for i, adjusted := range stats.Holm(p) {
		out[i].Adjusted = Number(adjusted)
	}
	return out
}
