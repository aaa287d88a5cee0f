package nl80211

import (
	"fmt"
	"strconv"

	"github.com/mdlayher/netlink"
)

// Width is the width of a channel (kernel, enum nl80211_chan_width).
type Width uint32

// Widths of channels.
const (
	Width20NoHT Width = 0
	Width20     Width = 1
	Width40     Width = 2
	Width80     Width = 3
	Width80P80  Width = 4
	Width160    Width = 5
	Width5      Width = 6
	Width10     Width = 7
	Width1      Width = 8
	Width2      Width = 9
	Width4      Width = 10
	Width8      Width = 11
	Width16     Width = 12
	Width320    Width = 13
)

// widths are in MHz; 80+80 counts as 160.
var widths = [...]int{20, 20, 40, 80, 160, 160, 5, 10, 1, 2, 4, 8, 16, 320}

// MHz returns the width in MHz, 0 for one that is not known. 80+80 MHz are 160.
func (w Width) MHz() int {
	if int(w) < len(widths) {
		return widths[w]
	}
	return 0
}

// String gives the width: "20 MHz (no HT)", "80+80 MHz", "320 MHz".
func (w Width) String() string {
	switch {
	case w == Width20NoHT:
		return "20 MHz (no HT)"
	case w == Width80P80:
		return "80+80 MHz"
	case w.MHz() != 0:
		return strconv.Itoa(w.MHz()) + " MHz"
	}
	return "width " + strconv.FormatUint(uint64(w), 10)
}

// ChannelDef is a channel as it is used: where its primary 20 MHz are and how
// wide it is. The zero value is none.
type ChannelDef struct {
	Freq      int // center of the primary 20 MHz channel, MHz
	Offset    int // added to Freq, kHz: only below 1 GHz
	Width     Width
	Center1   int    // center of the whole, of 80+80 MHz that of the half with the primary channel; MHz
	Center2   int    // center of the other half of 80+80 MHz, MHz; else 0
	Punctured uint16 // bit n: the n-th 20 MHz, from the lowest, are not used
}

// String gives the channel: "5180 MHz, 80 MHz wide".
func (c ChannelDef) String() string {
	if c.Freq == 0 {
		return "no channel"
	}
	return fmt.Sprintf("%d MHz, %v wide", c.Freq, c.Width)
}

// take reads the current attribute where it is of a channel.
func (c *ChannelDef) take(d *decoder) bool {
	switch d.kind {
	case attrWiphyFreq:
		c.Freq = int(d.u32())
	case attrWiphyFreqOffset:
		c.Offset = int(d.u32())
	case attrChannelWidth:
		c.Width = Width(d.u32())
	case attrCenterFreq1:
		c.Center1 = int(d.u32())
	case attrCenterFreq2:
		c.Center2 = int(d.u32())
	case attrPunctBitmap:
		c.Punctured = uint16(d.u32())
	default:
		return false
	}
	return true
}

// encode adds the channel; a width is left out with a channel of 20 MHz alone.
func (c *ChannelDef) encode(e *netlink.AttributeEncoder) {
	if c.Freq == 0 {
		return
	}
	e.Uint32(attrWiphyFreq, uint32(c.Freq))
	if c.Offset != 0 {
		e.Uint32(attrWiphyFreqOffset, uint32(c.Offset))
	}
	if c.Center1 == 0 {
		return
	}
	e.Uint32(attrChannelWidth, uint32(c.Width))
	e.Uint32(attrCenterFreq1, uint32(c.Center1))
	if c.Center2 != 0 {
		e.Uint32(attrCenterFreq2, uint32(c.Center2))
	}
	if c.Punctured != 0 {
		e.Uint32(attrPunctBitmap, uint32(c.Punctured))
	}
}
