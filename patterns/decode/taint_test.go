package decode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTaints(t *testing.T) {
	for mask, want := range map[uint64][]Taint{
		0: nil, 1: {{"P", "proprietary module"}}, 1<<9 | 1<<7: {{"D", "oops before"}, {"W", "warning before"}},
		12288: {{"O", "module from outside"}, {"E", "unsigned module"}}, 1<<19 | 1<<20: {{"J", "fwctl used"}, {"?", "bit 20"}}, 1 << 63: {{"?", "bit 63"}},
	} {
		if diff := cmp.Diff(want, Taints(mask)); diff != "" {
			t.Errorf("%#x (-want +got):\n%s", mask, diff)
		}
	}
}
