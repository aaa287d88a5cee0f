package dot11

import (
	"fmt"
	"strings"
)

// Band is a frequency band.
type Band uint8

// Bands. The zero value is none.
const (
	Band2GHz Band = 1 // 2.4 GHz
	Band5GHz Band = 2
	Band6GHz Band = 3
)

// String names the band: "2.4 GHz", "5 GHz", "6 GHz".
func (b Band) String() string {
	switch b {
	case Band2GHz:
		return "2.4 GHz"
	case Band5GHz:
		return "5 GHz"
	case Band6GHz:
		return "6 GHz"
	}
	return fmt.Sprintf("band %d", uint8(b))
}

// MarshalText gives the band as String does.
func (b Band) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText gives, also without the unit: "5".
func (b *Band) UnmarshalText(text []byte) error {
	for _, band := range []Band{Band2GHz, Band5GHz, Band6GHz} {
		if name := band.String(); name == string(text) || strings.TrimSuffix(name, " GHz") == string(text) {
			*b = band
			return nil
		}
	}
	return fmt.Errorf("%q is no band: 2.4 GHz, 5 GHz and 6 GHz are", text)
}

// Channel is a channel of 20 MHz (IEEE 802.11-2020, annex E). Those made by
// ChannelOf and ChannelAt exist.
type Channel struct {
	Band   Band  `json:"band"`
	Number uint8 `json:"number"`
	Freq   int   `json:"freq"` // center frequency in MHz
}

// String gives the channel with its band: "channel 36 (5180 MHz)".
func (c Channel) String() string { return fmt.Sprintf("channel %d (%d MHz)", c.Number, c.Freq) }

// channelRange are channels of one operating class with numbers in equal steps.
type channelRange struct {
	band        Band
	first, last uint8
	step        uint8
	start       int   // center frequency of number 0, in MHz
	class       uint8 // global operating class for 20 MHz
}

// channelRanges are the 20 MHz channels of table E-4 of IEEE 802.11-2020.
var channelRanges = [...]channelRange{
	{Band2GHz, 1, 13, 1, 2407, 81},
	{Band2GHz, 14, 14, 1, 2414, 82},
	{Band5GHz, 36, 48, 4, 5000, 115},
	{Band5GHz, 52, 64, 4, 5000, 118},
	{Band5GHz, 100, 144, 4, 5000, 121},
	{Band5GHz, 149, 177, 4, 5000, 125},
	{Band6GHz, 1, 233, 4, 5950, 131},
	{Band6GHz, 2, 2, 1, 5925, 136},
}

func (r *channelRange) holds(number uint8) bool {
	return number >= r.first && number <= r.last && (number-r.first)%r.step == 0
}

func (r *channelRange) channel(number uint8) Channel {
	return Channel{Band: r.band, Number: number, Freq: r.start + 5*int(number)}
}

// ChannelOf returns the 20 MHz channel of that number in a band.
func ChannelOf(band Band, number uint8) (Channel, error) {
	for i := range channelRanges {
		if r := &channelRanges[i]; r.band == band && r.holds(number) {
			return r.channel(number), nil
		}
	}
	return Channel{}, fmt.Errorf("%v has no 20 MHz channel %d", band, number)
}

// ChannelAt returns the 20 MHz channel with that center frequency in MHz.
func ChannelAt(freq int) (Channel, error) {
	for i := range channelRanges {
		r := &channelRanges[i]
		n := (freq - r.start) / 5
		if n >= 0 && n <= 255 && r.holds(uint8(n)) && r.channel(uint8(n)).Freq == freq {
			return r.channel(uint8(n)), nil
		}
	}
	return Channel{}, fmt.Errorf("there is no 20 MHz channel at %d MHz", freq)
}

// OperatingClass returns the global operating class of the channel at 20 MHz
// (IEEE 802.11-2020, table E-4), 0 for a channel that does not exist.
func (c Channel) OperatingClass() uint8 {
	for i := range channelRanges {
		if r := &channelRanges[i]; r.band == c.Band && r.holds(c.Number) {
			return r.class
		}
	}
	return 0
}

// classBands are the global operating classes of the bands (IEEE 802.11-2020 and
// 802.11be-2024, table E-4), each with those after it up to its last.
var classBands = [...]struct {
	first, last uint8
	band        Band
}{
	{81, 84, Band2GHz},
	{115, 130, Band5GHz},
	{131, 137, Band6GHz},
}

// ClassBand returns the band of a global operating class.
func ClassBand(class uint8) (Band, bool) {
	for _, c := range classBands {
		if class >= c.first && class <= c.last {
			return c.band, true
		}
	}
	return 0, false
}

// ChannelInClass returns the 20 MHz channel of that number in the band of a
// global operating class: the primary channel that neighbor reports, reduced
// neighbor reports and channel switches name.
func ChannelInClass(class, number uint8) (Channel, error) {
	band, ok := ClassBand(class)
	if !ok {
		return Channel{}, fmt.Errorf("operating class %d is not known", class)
	}
	return ChannelOf(band, number)
}
