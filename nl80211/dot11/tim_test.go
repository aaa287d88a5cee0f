package dot11

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewTIM(t *testing.T) {
	tests := []struct {
		name string
		aids []uint16
		want TIM
	}{
		{"nobody", nil, TIM{Bitmap: []byte{0}}},
		{"one", []uint16{1}, TIM{Bitmap: []byte{2}}},
		{"an odd octet begins at the one before", []uint16{12}, TIM{Offset: 0, Bitmap: []byte{0, 0x10}}},
		{"far", []uint16{2007, 2000}, TIM{Offset: 250, Bitmap: []byte{0x81}}},
		{"from end to end", []uint16{1, 2007}, TIM{Bitmap: func() []byte { b := make([]byte, 251); b[0], b[250] = 2, 0x80; return b }()}},
		{"no AIDs", []uint16{0, 2008, 0xffff}, TIM{Bitmap: []byte{0}}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got := NewTIM(0, 0, false, tc.aids)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			in := map[uint16]bool{}
			for _, aid := range tc.aids {
				in[aid] = aid > 0 && aid <= maxAID
			}
			for aid := uint16(0); aid < 2100; aid++ {
				if got.Has(aid) != in[aid] {
					t.Errorf("Has(%d) = %v", aid, got.Has(aid))
				}
			}
			again, err := ParseTIM(got.Element().Body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("read again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTIMWithoutBitmap(t *testing.T) {
	empty := TIM{Count: 1, Period: 3, Group: true}
	if diff := cmp.Diff([]byte{1, 3, 1, 0}, empty.Append(nil)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
