package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"roamfault/reports/incident"
)

// Objects gives an incident as JSON Lines have it, and its events that are warn or
// worse as an array of such objects.
func Objects(i *incident.Incident) (object, events json.RawMessage, err error) {
	var b bytes.Buffer
	lines := NewJSONL(&b)
	if err := lines.Incident(i); err != nil {
		return nil, nil, fmt.Errorf("write incident %s: %w", i.ID, err)
	}
	object = bytes.Clone(bytes.TrimSpace(b.Bytes()))
	b.Reset()
	b.WriteByte('[')
	for n, e := range i.Events {
		if n > 0 {
			b.WriteByte(',')
		}
		if err := lines.Event(e); err != nil {
			return nil, nil, fmt.Errorf("write incident %s: %w", i.ID, err)
		}
		b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	}
	b.WriteByte(']')
	return object, b.Bytes(), nil
}
