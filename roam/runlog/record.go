package runlog

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"roamfault/journal"
)

// recordJSON is a RecordEntry as a line has it: what is empty is not there.
type recordJSON struct {
	Cycle      int               `json:"cycle,omitzero"`
	Tick       bool              `json:"tick,omitzero"`
	Wall       time.Time         `json:"wall,omitzero"`
	Known      journal.Parts     `json:"known,omitzero"` // which parts of wall were told, as bits: clock, date, year, zone
	Precision  time.Duration     `json:"precision_ns,omitzero"`
	Mono       *time.Duration    `json:"monotonic_ns,omitempty"`
	Boot       string            `json:"boot,omitzero"`
	Host       string            `json:"host,omitzero"`
	Identifier string            `json:"identifier,omitzero"`
	PID        int               `json:"pid,omitzero"`
	Priority   *journal.Priority `json:"priority,omitempty"`
	Transport  journal.Transport `json:"transport,omitzero"`
	Device     string            `json:"device,omitzero"`
	Message    string            `json:"message"`
	Count      int               `json:"count,omitzero"`
	Cursor     string            `json:"cursor,omitzero"`
	File       string            `json:"file,omitzero"`
	Line       int               `json:"line,omitzero"`
	Lines      int               `json:"lines,omitzero"`
	Offset     int64             `json:"offset,omitzero"`
	// Raw is the text as found, RawBytes where that is no UTF-8.
	Raw      string `json:"raw,omitzero"`
	RawBytes []byte `json:"raw_base64,omitempty"`
}

// MarshalJSON gives all of the record that a replay needs.
func (e *RecordEntry) MarshalJSON() ([]byte, error) {
	r := &e.Record
	j := recordJSON{
		Cycle: e.Cycle, Tick: e.Tick, Wall: r.Time.Wall, Known: r.Time.Known, Precision: r.Time.Precision, Boot: r.Boot, Host: r.Host,
		Identifier: r.Identifier, PID: r.PID, Transport: r.Transport, Device: r.Device, Message: r.Message, Count: r.Count, Cursor: r.Cursor,
		File: r.Origin.File, Line: r.Origin.Line, Lines: r.Origin.Lines, Offset: r.Origin.Offset,
	}
	if r.Time.HasMono {
		j.Mono = &r.Time.Mono
	}
	if r.Priority != journal.PriorityUnknown {
		j.Priority = &r.Priority
	}
	if utf8.ValidString(r.Raw) {
		j.Raw = r.Raw
	} else {
		j.RawBytes = []byte(r.Raw)
	}
	return json.Marshal(&j)
}

// UnmarshalJSON reads what MarshalJSON gives.
func (e *RecordEntry) UnmarshalJSON(data []byte) error {
	var j recordJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*e = RecordEntry{Cycle: j.Cycle, Tick: j.Tick, Record: journal.Record{
		Time: journal.Time{Wall: j.Wall, Known: j.Known, Precision: j.Precision}, Boot: j.Boot, Host: j.Host, Identifier: j.Identifier, PID: j.PID,
		Priority: journal.PriorityUnknown, Transport: j.Transport, Device: j.Device, Message: j.Message, Count: j.Count, Cursor: j.Cursor,
		Origin: journal.Origin{File: j.File, Line: j.Line, Lines: j.Lines, Offset: j.Offset}, Raw: j.Raw,
	}}
	r := &e.Record
	if j.Mono != nil {
		r.Time.Mono, r.Time.HasMono = *j.Mono, true
	}
	if j.Priority != nil {
		r.Priority = *j.Priority
	}
	if j.RawBytes != nil {
		r.Raw = string(j.RawBytes)
	}
	return nil
}
