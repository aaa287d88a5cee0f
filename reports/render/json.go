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
// describes it. Its events are written as they come, so that a long list is
// held nowhere; incidents beyond a megabyte wait in a temporary file without a
// name until Close. It fails when the environment names a TMPDIR that is not a
// directory.
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
	return &document{out: bufio.NewWriterSize(w, 256<<10)}, nil
}

type document struct {
	out       *bufio.Writer
	begun     bool
	events    bool // one was written
	incidents spill
	frame     encoder // what is around the elements
	element   encoder
}

// begin writes the object up to its first event.
func (d *document) begin() error {
	if d.begun {
		return nil
	}
	d.begun = true
	e := &d.frame
	e.object("")
	e.textField("schema", schema.AnalysisID)
	e.line()
	e.key("events")
	e.open('[')
	return d.flush()
}

// flush writes what the frame has.
func (d *document) flush() error {
	_, err := d.out.Write(d.frame.buf)
	d.frame.buf = d.frame.buf[:0]
	return err
}

func (d *document) Event(v *incident.Event) error {
	if err := d.begin(); err != nil {
		return err
	}
	d.start(d.events)
	d.events = true
	if err := d.element.event("", v); err != nil {
		return err
	}
	_, err := d.out.Write(d.element.buf)
	return err
}

func (d *document) Incident(i *incident.Incident) error {
	d.start(d.incidents.size > 0)
	d.element.incident("", i)
	_, err := d.incidents.Write(d.element.buf)
	return err
}

// start begins an element of an array, each on its own line.
func (d *document) start(follows bool) {
	d.element.buf = d.element.buf[:0]
	if follows {
		d.element.buf = append(d.element.buf, ',')
	}
	d.element.buf = append(d.element.buf, '\n')
}

func (d *document) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	if err := d.write(s); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (d *document) write(s *analysis.Summary) error {
	if err := d.begin(); err != nil {
		return err
	}
	e := &d.frame
	e.buf = append(e.buf, ']')
	e.line()
	e.key("incidents")
	e.open('[')
	if err := d.flush(); err != nil {
		return err
	}
	if err := d.incidents.copyTo(d.out); err != nil {
		return err
	}
	e.buf = append(e.buf, ']')
	list(e, "unmatched", s.Unmatched, func(u *analysis.Unmatched) { e.unmatched("", u) })
	e.line()
	e.intField("unmatched_more", s.UnmatchedMore)
	e.intField("late", s.Late)
	e.boolField("interrupted", s.Interrupted)
	list(e, "inputs", s.Inputs, func(in *analysis.Input) { e.input("", in) })
	e.close('}')
	e.buf = append(e.buf, '\n')
	return d.flush()
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
