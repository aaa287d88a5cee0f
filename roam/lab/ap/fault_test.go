package ap_test

import (
	"testing"
	"time"

	"roamfault/roam/lab/ap"
)

// bench is an access point with two links and a station that is not connected
// yet, to see a fault on.
type bench struct {
	*testing.T
	e *ether
	a *ap.AP
	s *station
}

func newBench(t *testing.T, change ...func(*ap.Config)) *bench {
	c := configOf(t, 1, twoLinks(t), change...)
	e, a := alone(t, c)
	b := &bench{T: t, e: e, a: a, s: e.join(1, 2, c.Security)}
	e.run(0) // the station knows the beacons
	return b
}

func (b *bench) make(r ap.Rule) {
	b.Helper()
	b.e.make(b.a, r)
}

func (b *bench) connect() {
	b.Helper()
	b.s.mustConnect(b.a.Addr())
}

// fails wants the station not to connect.
func (b *bench) fails() {
	b.Helper()
	if b.s.connect(b.a.Addr()) {
		b.Fatal("the station is connected")
	}
}

// heals wants the station to connect when the faults are cleared.
func (b *bench) heals() {
	b.Helper()
	b.a.Clear("")
	b.e.run(6 * time.Second) // what was under way comes to its end
	if b.s.phase == connected {
		b.s.leave()
	}
	b.s.phase = idle
	b.connect()
	exchange(b.T, b.e, b.a, b.s)
}

// Every fault does on the air what it is said to do.
func TestFaults(t *testing.T) {
	tests := map[string]func(*bench){}
	for _, of := range []map[string]func(*bench){
		airFaultTests, answerFaultTests, handshakeFaultTests, passingFaultTests, standingFaultTests,
	} {
		for name, test := range of {
			tests[name] = test
		}
	}
	for _, f := range ap.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			test := tests[f.Name]
			if test == nil {
				t.Fatal("nobody has looked at this fault")
			}
			test(newBench(t))
			if f.About == "" {
				t.Error("nobody knows what it does")
			}
		})
		delete(tests, f.Name)
	}
	for name := range tests {
		t.Errorf("there is no fault %q", name)
	}
}
