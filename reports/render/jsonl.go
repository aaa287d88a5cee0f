package render

import (
	"io"

	"roamfault/reports/analysis"
	"roamfault/reports/incident"
	"roamfault/reports/schema"
)

// NewJSONL returns a renderer that writes JSON Lines: one object a line, each
// with a "type" of "input", "event", "incident", "unmatched" or "summary".
// Events and incidents are written as they come, one Write each; the rest, and
// the summary as the last line, by Close. The objects are those of the JSON
// document, described by [schema.Analysis] under $defs/line.
func NewJSONL(w io.Writer) Renderer { return &jsonLines{w: w} }

type jsonLines struct {
	w                 io.Writer
	encoder           encoder
	events, incidents int
}

func (l *jsonLines) Event(v *incident.Event) error {
	l.events++
	if err := l.start().event(typeEvent, v); err != nil {
		return err
	}
	return l.end()
}

func (l *jsonLines) Incident(i *incident.Incident) error {
	l.incidents++
	l.start().incident(typeIncident, i)
	return l.end()
}

func (l *jsonLines) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	for n := range s.Inputs {
		l.start().input(typeInput, &s.Inputs[n])
		if err := l.end(); err != nil {
			return err
		}
	}
	for n := range s.Unmatched {
		l.start().unmatched(typeUnmatched, &s.Unmatched[n])
		if err := l.end(); err != nil {
			return err
		}
	}
	e := l.start()
	e.object(typeSummary)
	e.textField("schema", schema.AnalysisID)
	e.intField("inputs", len(s.Inputs))
	e.intField("events", l.events)
	e.intField("incidents", l.incidents)
	e.intField("unmatched", len(s.Unmatched))
	e.intField("unmatched_more", s.UnmatchedMore)
	e.intField("late", s.Late)
	e.boolField("interrupted", s.Interrupted)
	e.close('}')
	return l.end()
}

func (l *jsonLines) start() *encoder {
	l.encoder.buf = l.encoder.buf[:0]
	return &l.encoder
}

func (l *jsonLines) end() error {
	l.encoder.buf = append(l.encoder.buf, '\n')
	return put(l.w, l.encoder.buf)
}
