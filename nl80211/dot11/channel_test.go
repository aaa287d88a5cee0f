package dot11

import "testing"

func TestChannels(t *testing.T) {
	tests := []struct {
		band   Band
		number uint8
		freq   int
		class  uint8
	}{
		{Band2GHz, 1, 2412, 81},
		{Band2GHz, 6, 2437, 81},
		{Band2GHz, 13, 2472, 81},
		{Band2GHz, 14, 2484, 82},
		{Band5GHz, 36, 5180, 115},
		{Band5GHz, 48, 5240, 115},
		{Band5GHz, 52, 5260, 118},
		{Band5GHz, 100, 5500, 121},
		{Band5GHz, 144, 5720, 121},
		{Band5GHz, 149, 5745, 125},
		{Band5GHz, 177, 5885, 125},
		{Band6GHz, 1, 5955, 131},
		{Band6GHz, 2, 5935, 136},
		{Band6GHz, 37, 6135, 131},
		{Band6GHz, 233, 7115, 131},
	}
	for _, tc := range tests {
		want := Channel{Band: tc.band, Number: tc.number, Freq: tc.freq}
		if got, err := ChannelOf(tc.band, tc.number); err != nil || got != want {
			t.Errorf("ChannelOf(%v, %d) = %v, %v; want %v", tc.band, tc.number, got, err, want)
		}
		if got, err := ChannelAt(tc.freq); err != nil || got != want {
			t.Errorf("ChannelAt(%d) = %v, %v; want %v", tc.freq, got, err, want)
		}
		if got := want.OperatingClass(); got != tc.class {
			t.Errorf("%v: operating class %d, want %d", want, got, tc.class)
		}
		if got, err := ChannelInClass(tc.class, tc.number); err != nil || got != want {
			t.Errorf("ChannelInClass(%d, %d) = %v, %v; want %v", tc.class, tc.number, got, err, want)
		}
	}
}

func TestChannelsThatAreNot(t *testing.T) {
	for _, tc := range []struct {
		band   Band
		number uint8
	}{{Band2GHz, 0}, {Band2GHz, 15}, {Band5GHz, 34}, {Band5GHz, 38}, {Band5GHz, 145}, {Band5GHz, 181}, {Band6GHz, 3}, {Band6GHz, 237}, {0, 1}, {9, 36}} {
		if got, err := ChannelOf(tc.band, tc.number); err == nil {
			t.Errorf("ChannelOf(%v, %d) = %v", tc.band, tc.number, got)
		}
		if class := (Channel{Band: tc.band, Number: tc.number}).OperatingClass(); class != 0 {
			t.Errorf("band %v channel %d: operating class %d", tc.band, tc.number, class)
		}
	}
	for _, freq := range []int{-1, 0, 2407, 2413, 2477, 5000, 5190, 5181, 5950, 5960, 7135, 1 << 30} {
		if got, err := ChannelAt(freq); err == nil {
			t.Errorf("ChannelAt(%d) = %v", freq, got)
		}
	}
	for _, class := range []uint8{0, 80, 85, 114, 138, 255} {
		if got, err := ChannelInClass(class, 36); err == nil {
			t.Errorf("ChannelInClass(%d, 36) = %v", class, got)
		}
	}
}

// TestEveryChannel goes there and back for all there are.
func TestEveryChannel(t *testing.T) {
	n := 0
	for freq := range 8000 {
		c, err := ChannelAt(freq)
		if err != nil {
			continue
		}
		n++
		if again, err := ChannelOf(c.Band, c.Number); err != nil || again != c || c.Freq != freq {
			t.Errorf("%v at %d MHz: %v, %v", c, freq, again, err)
		}
		if band, ok := ClassBand(c.OperatingClass()); !ok || band != c.Band {
			t.Errorf("%v: operating class %d of %v", c, c.OperatingClass(), band)
		}
	}
	// 14 on 2.4 GHz, 28 on 5 GHz, 60 on 6 GHz.
	if n != 102 {
		t.Errorf("%d channels, want 102", n)
	}
}

func TestChannelWords(t *testing.T) {
	c := Channel{Band: Band6GHz, Number: 37, Freq: 6135}
	if got, want := c.Band.String()+" "+c.String(), "6 GHz channel 37 (6135 MHz)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Band2GHz.String() + Band5GHz.String() + Band(7).String(); got != "2.4 GHz5 GHzband 7" {
		t.Errorf("%q", got)
	}
}
