package hwsim

import "testing"

func TestBitrate(t *testing.T) {
	tests := []struct {
		rate Rate
		freq int
		kbps int
		ok   bool
	}{
		{Rate{Index: 0}, 2412, 1000, true},
		{Rate{Index: 3}, 2412, 11000, true},
		{Rate{Index: 11}, 2412, 54000, true},
		{Rate{Index: 0}, 5180, 6000, true},
		{Rate{Index: 7}, 5955, 54000, true},
		{Rate{Index: 8}, 5180, 0, false},
		{Rate{Index: -1}, 5180, 0, false},
		{Rate{Index: 7, Flags: RateMCS}, 5180, 0, false},
		{Rate{Index: 0x17, Flags: RateVHTMCS | Rate80MHz}, 5180, 0, false},
	}
	for _, tt := range tests {
		kbps, ok := tt.rate.Bitrate(tt.freq)
		if kbps != tt.kbps || ok != tt.ok {
			t.Errorf("%+v at %d MHz: %d kbit/s, %v; want %d, %v", tt.rate, tt.freq, kbps, ok, tt.kbps, tt.ok)
		}
		if ok {
			if got := RateIndex(tt.freq, kbps); got != int(tt.rate.Index) {
				t.Errorf("index of %d kbit/s at %d MHz: %d, want %d", kbps, tt.freq, got, tt.rate.Index)
			}
		}
	}
	if got := RateIndex(5180, 1000); got != 0 {
		t.Errorf("index of 1 Mbit/s at 5180 MHz: %d, want that of the lowest rate", got)
	}
}
