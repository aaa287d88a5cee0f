package render

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"roamfault/journal"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// The objects of a JSON document, as the schema describes them. Each takes its
// type as the first key when it stands on a line of its own, and no such key
// within the one document.

const (
	typeInput     = "input"
	typeEvent     = "event"
	typeIncident  = "incident"
	typeUnmatched = "unmatched"
	typeSummary   = "summary"
)

func (e *encoder) object(kind string) {
	e.open('{')
	if kind != "" {
		e.textField("type", kind)
	}
}

func (e *encoder) event(kind string, v *incident.Event) error {
	fields, err := v.Fields.MarshalJSON()
	if err != nil {
		return fmt.Errorf("write the fields of the event at %s: %w", place(v), err)
	}
	e.object(kind)
	e.intField("line", v.Origin.Line)
	e.textField("file", v.Origin.File)
	e.textField("class", string(v.Class))
	e.textField("severity", v.Severity.String())
	e.textField("pattern", v.Pattern)
	e.textField("time", v.Time.String())
	if v.Boot != "" {
		e.textField("boot", v.Boot)
	}
	e.textField("device", v.Device)
	e.textField("identifier", v.Identifier)
	e.textField("message", v.Message)
	e.key("fields")
	e.encoded(fields)
	if v.Count > 1 {
		e.intField("count", v.Count)
	}
	e.key("incident")
	if v.Incident == "" {
		e.null()
	} else {
		e.text(v.Incident)
	}
	e.close('}')
	return nil
}

func (e *encoder) incident(kind string, i *incident.Incident) {
	e.object(kind)
	e.textField("id", i.ID)
	e.intField("rev", i.Rev)
	e.textField("fingerprint", i.Fingerprint)
	e.textField("parent", i.Parent)
	e.named("trigger", "trigger_line", i.Trigger)
	e.named("root", "root_line", i.Root)
	e.named("worst", "worst_line", i.Worst)
	e.textField("severity", severity(i).String())
	e.textField("layer", string(i.Layer))
	e.textField("confidence", string(i.Confidence))
	e.textField("phase", i.Phase)
	e.textField("outcome", string(i.Outcome))
	e.textField("device", i.Device)
	e.textField("chip", i.Chip)
	e.textField("host", i.Host)
	e.textField("boot", i.Boot)
	e.key("firmware")
	e.open('{')
	for _, name := range slices.Sorted(maps.Keys(i.Firmware)) {
		e.text(name)
		e.buf = append(e.buf, ':')
		e.text(i.Firmware[name])
	}
	e.close('}')
	e.textField("from", i.From)
	e.textField("to", i.To)
	file := ""
	if i.First != nil {
		file = i.First.Origin.File
	}
	e.textField("file", file)
	e.intField("first_line", i.FirstLine)
	e.intField("last_line", i.LastLine)
	e.textField("first_time", stamp(i.First))
	e.textField("last_time", stamp(i.Last))
	e.duration("outage_ms", i.Outage, i.HasOutage)
	e.duration("recovery_ms", i.Recovery, i.HasRecovery)
	e.duration("lasted_ms", i.Lasted, i.HasLasted)
	e.intField("tier", i.Tier)
	e.key("steps")
	e.open('[')
	for _, s := range i.Steps {
		e.open('{')
		e.intField("tier", s.Tier)
		e.key("after_ms")
		e.number(s.After.Milliseconds())
		e.textField("text", s.Text)
		e.close('}')
	}
	e.close(']')
	e.texts("dead_commands", i.Dead)
	e.intField("seq_gaps", i.SeqGaps)
	e.intField("cut_short", i.CutShort)
	e.intField("facts", i.Facts)
	e.intField("events_total", i.Total)
	if i.Reached != "" || i.NotReached != "" {
		e.key("ladder")
		e.open('{')
		e.textField("reached", i.Reached)
		e.textField("not_reached", i.NotReached)
		e.close('}')
	}
	e.textField("title", i.Title)
	e.textField("summary", i.Summary)
	e.texts("advice", i.Advice)
	e.places("evidence", i.Evidence)
	e.places("collateral", i.Collateral)
	e.key("events")
	e.open('[')
	for _, v := range i.Events {
		e.open('{')
		e.textField("file", v.Origin.File)
		e.intField("line", v.Origin.Line)
		e.textField("class", string(v.Class))
		e.close('}')
	}
	e.close(']')
	e.texts("quote", quoteEvents(i))
	e.close('}')
}

// named appends the class and the line of one of an incident's events.
func (e *encoder) named(class, line string, v *incident.Event) {
	if v == nil {
		v = &incident.Event{}
	}
	e.textField(class, string(v.Class))
	e.intField(line, v.Origin.Line)
}

func (e *encoder) places(name string, list []*incident.Event) {
	e.key(name)
	e.open('[')
	for _, v := range list {
		e.open('{')
		e.textField("file", v.Origin.File)
		e.intField("line", v.Origin.Line)
		e.textField("time", v.Time.String())
		e.textField("class", string(v.Class))
		e.textField("message", v.Message)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) duration(name string, d time.Duration, known bool) {
	e.key(name)
	if !known {
		e.null()
		return
	}
	e.number(d.Milliseconds())
}

func stamp(v *incident.Event) string {
	if v == nil {
		return ""
	}
	return v.Time.String()
}

func (e *encoder) input(kind string, in *analysis.Input) {
	e.object(kind)
	e.textField("path", in.Path)
	e.key("formats")
	e.open('{')
	for _, f := range slices.Sorted(maps.Keys(in.Formats)) {
		e.text(string(f))
		e.buf = append(e.buf, ':')
		e.buf = fmt.Append(e.buf, in.Formats[journal.Format(f)])
	}
	e.close('}')
	e.intField("lines", in.Lines)
	e.intField("records", in.Records)
	e.key("bytes")
	e.number(in.Bytes)
	e.textField("compression", in.Compression)
	if in.Encoding != "" {
		e.textField("encoding", in.Encoding)
	}
	e.key("skipped")
	e.open('[')
	for _, k := range in.Skipped {
		e.open('{')
		e.textField("reason", k.Reason)
		e.intField("count", k.Count)
		e.key("bytes")
		e.number(k.Bytes)
		e.intField("line", k.Line)
		e.close('}')
	}
	e.close(']')
	if in.Err != nil {
		e.textField("error", in.Err.Error())
	}
	e.close('}')
}

func (e *encoder) unmatched(kind string, u *analysis.Unmatched) {
	e.object(kind)
	e.textField("template", u.Template)
	e.textField("example", u.Example)
	e.textField("identifier", u.Identifier)
	e.textField("file", u.File)
	e.intField("line", u.Line)
	e.intField("count", u.Count)
	e.close('}')
}
