package render

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"roamfault/reports/analysis"
	"roamfault/reports/incident"
	"roamfault/reports/schema"
)

// NewJSON returns a renderer that writes one JSON object, as [schema.Analysis]
// describes it, at Close. Events and incidents beyond a megabyte of each wait
// in temporary files without a name. It fails when the environment names a
// TMPDIR that is not a directory.
func NewJSON(w io.Writer) (Renderer, error) {
	if dir := os.Getenv("TMPDIR"); dir != "" {
		info, err := os.Stat(dir)
		if err != nil {
			return nil, fmt.Errorf("use TMPDIR for temporary files: %w", err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("use TMPDIR for temporary files: %s is not a directory", dir)
		}
	}
	return &document{w: w}, nil
}

type document struct {
	w                 io.Writer
	events, incidents spill
	encoder           encoder
}

func (d *document) Event(v *incident.Event) error {
	d.start(&d.events)
	if err := d.encoder.event("", v); err != nil {
		return err
	}
	_, err := d.events.Write(d.encoder.buf)
	return err
}

func (d *document) Incident(i *incident.Incident) error {
	d.start(&d.incidents)
	d.encoder.incident("", i)
	_, err := d.incidents.Write(d.encoder.buf)
	return err
}

// start begins an element of an array, each on its own line.
func (d *document) start(s *spill) {
	d.encoder.buf = d.encoder.buf[:0]
	if s.size > 0 {
		d.encoder.buf = append(d.encoder.buf, ',')
	}
	d.encoder.buf = append(d.encoder.buf, '\n')
}

func (d *document) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	out := bufio.NewWriterSize(d.w, 64<<10)
	if err := d.write(out, s); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (d *document) write(out *bufio.Writer, s *analysis.Summary) error {
	e := &d.encoder
	e.buf = e.buf[:0]
	e.object("")
	e.textField("schema", schema.AnalysisID)
	list(e, "inputs", s.Inputs, func(in *analysis.Input) { e.input("", in) })
	for _, part := range []struct {
		name string
		held *spill
	}{{"events", &d.events}, {"incidents", &d.incidents}} {
		e.line()
		e.key(part.name)
		e.open('[')
		if _, err := out.Write(e.buf); err != nil {
			return err
		}
		if err := part.held.copyTo(out); err != nil {
			return err
		}
		e.buf = append(e.buf[:0], ']')
	}
	list(e, "unmatched", s.Unmatched, func(u *analysis.Unmatched) { e.unmatched("", u) })
	e.line()
	e.intField("unmatched_more", s.UnmatchedMore)
	e.intField("late", s.Late)
	e.boolField("interrupted", s.Interrupted)
	e.close('}')
	e.buf = append(e.buf, '\n')
	_, err := out.Write(e.buf)
	return err
}

// line begins a new line before a key, behind the comma.
func (e *encoder) line() {
	e.begin()
	e.buf = append(e.buf, '\n')
}

// list appends an array of a document with each element on its own line.
func list[T any](e *encoder, name string, all []T, one func(*T)) {
	e.line()
	e.key(name)
	e.open('[')
	for n := range all {
		e.begin()
		e.buf = append(e.buf, '\n')
		one(&all[n])
	}
	e.close(']')
}
