package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"roamfault/roam/runlog"
)

// Whatever a run file holds, it is compared without a panic, as two documents that are
// ones, and never has more crashes between cycles than boots that stood still.
func FuzzCompare(f *testing.F) {
	whole := written(f)
	f.Add(whole, whole)
	f.Add(whole[:len(whole)/2], []byte(nil))
	f.Add([]byte("{}\n"), bytes.ReplaceAll(whole, []byte(`"seq":3`), []byte(`"seq":9`)))
	died := driven(f, runlog.OK, runlog.Timeout)
	closes(f, died, nil)
	f.Add(died.Bytes(), whole)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var arms []*Arm
		for _, data := range [][]byte{a, b} {
			run, stats, err := runlog.Load(context.Background(), bytes.NewReader(data))
			if err != nil {
				return
			}
			if n := len(run.Crashes()); n > len(run.Pauses)+1 {
				t.Errorf("%d crashes in %d pauses", n, len(run.Pauses))
			}
			arm := NewArm("arm")
			arm.Run(InfoOf(run, stats)).Take(run)
			arms = append(arms, arm)
		}
		c, err := Compare(arms[0], arms[1], Options{})
		if err != nil {
			t.Fatal(err)
		}
		var text, object bytes.Buffer
		if err := c.WriteText(&text, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := c.WriteJSON(&object); err != nil || !json.Valid(object.Bytes()) {
			t.Fatalf("%v: %.300s", err, object.Bytes())
		}
	})
}
