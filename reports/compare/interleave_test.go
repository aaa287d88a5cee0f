package compare

import (
	"strings"
	"testing"
)

// Both arms get their loads, and a steady drift weighs on both alike.
func TestOrder(t *testing.T) {
	for loads := range 40 {
		order := strings.Join(Planned{Loads: loads}.Order(), "")
		if a, b := strings.Count(order, "A"), strings.Count(order, "B"); a != loads || b != loads {
			t.Errorf("%d loads: %d of A, %d of B", loads, a, b)
		}
		drift := 0
		for at, arm := range order {
			drift += map[rune]int{'A': at, 'B': -at}[arm]
		}
		if loads%2 == 0 && drift != 0 {
			t.Errorf("%d loads: a drift weighs %d on one arm: %s", loads, drift, order)
		}
	}
	var b strings.Builder
	if err := (Planned{Loads: 26}).WriteOrder(&b); err != nil || strings.Count(b.String(), "\n") != 3 {
		t.Errorf("error %v:\n%s", err, b.String())
	}
}
