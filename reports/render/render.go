// Package render turns what an analysis finds into documents: text for a
// terminal, Markdown for a bug tracker or a mailing list, one HTML file, one
// JSON object, and JSON Lines.
//
// Whatever comes from a log is hostile. Every string passes [Clean], and then
// the escaping of its format, before it is written. Memory is bounded whatever
// comes in: documents for people tell a fixed number of incidents in full and
// count the rest, JSON goes by way of temporary files, JSON Lines keep
// nothing.
package render

import (
	"fmt"
	"io"

	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// Renderer takes what an analysis finds and writes a document. It is not safe
// for use by several goroutines.
type Renderer interface {
	incident.Sink
	// Close writes what is still to be written. The summary may be nil when
	// there is none. It does not close the writer.
	Close(*analysis.Summary) error
}

// Line is one physical line of a log.
type Line struct {
	Number int // counted from 1
	Text   string
}

// A Context gives the physical lines first to last of a file, both counted
// from 1 and inclusive, with as many around them as it likes, in order; fewer
// or none when it does not have them.
type Context func(file string, first, last int) []Line

// Fact is something that the caller knows beside the logs, shown with each
// incident: Name "Kernel", Value "6.18.2".
type Fact struct {
	Name, Value string
}

// put writes a whole document or one piece of it.
func put(w io.Writer, p []byte) error {
	if _, err := w.Write(p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
