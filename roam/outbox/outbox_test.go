package outbox

import (
	"testing"
	"testing/synctest"

	"roamfault/roam"
)

// Events come in order; lines are left out where nobody takes them, and nothing
// else is.
func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := New()
		const lines = 3 * mostLines
		for range lines {
			o.Put(roam.Event{What: roam.Said})
		}
		o.Put(roam.Event{What: roam.Connected})
		o.Put(roam.Event{What: roam.Said})
		o.Put(roam.Event{What: roam.Disconnected})
		said := 0
		var other []roam.What
		for len(other) < 2 {
			if e := <-o.Events(); e.What == roam.Said {
				said++
			} else {
				other = append(other, e.What)
			}
		}
		if other[0] != roam.Connected || other[1] != roam.Disconnected || said < mostLines || said > 2*mostLines {
			t.Errorf("%v and %d lines", other, said)
		}
		o.Put(roam.Event{What: roam.Gone})
		o.Close()
		o.Close()
		o.Put(roam.Event{What: roam.Back})
		for e := range o.Events() {
			t.Errorf("%v after the end", e.What)
		}
	})
}
