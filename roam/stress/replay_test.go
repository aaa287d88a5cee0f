package stress

import (
	"encoding/json"
	"testing"

	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam/observe"
	"roamfault/roam/runlog"
)

// replayed are the incidents that the records of a run give.
func replayed(t *testing.T, entries []runlog.Entry) []string {
	t.Helper()
	steps := func(yield func(observe.Step) bool) {
		for _, e := range entries {
			r, ok := e.(*runlog.RecordEntry)
			if !ok {
				continue
			}
			s := observe.Step{Record: &r.Record}
			if r.Tick {
				s = observe.Step{Time: r.Record.Time, Boot: r.Record.Boot}
			}
			if !yield(s) {
				return
			}
		}
	}
	var out []string
	if err := observe.Replay(patterns.Builtin(), steps, func(i *incident.Incident) error {
		object, _, err := render.Objects(i)
		if err == nil {
			out = append(out, string(compact(t, json.RawMessage(object))))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
