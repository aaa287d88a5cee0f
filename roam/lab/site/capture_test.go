package site

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

// packets reads the interfaces, times and frames of the enhanced packet blocks
// of a pcapng file.
func packets(t *testing.T, b []byte) (interfaces []uint32, times []time.Time, lengths []uint32) {
	t.Helper()
	for len(b) >= 12 {
		kind, length := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if length < 12 || int(length) > len(b) {
			t.Fatalf("a block of %d octets in %d", length, len(b))
		}
		if kind == 6 {
			interfaces = append(interfaces, binary.LittleEndian.Uint32(b[8:]))
			ns := uint64(binary.LittleEndian.Uint32(b[12:]))<<32 | uint64(binary.LittleEndian.Uint32(b[16:]))
			times = append(times, time.Unix(0, int64(ns)))
			lengths = append(lengths, binary.LittleEndian.Uint32(b[20:]))
		}
		b = b[length:]
	}
	return interfaces, times, lengths
}

// Frames go to the interface of their link, with the time of day.
func TestCapture(t *testing.T) {
	p, err := lab.DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	var file bytes.Buffer
	c, err := NewCapture(&file, p, CaptureOptions{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	frame := func(to, from dot11.Addr) []byte {
		b := make([]byte, 24)
		copy(b[4:], to[:])
		copy(b[10:], from[:])
		return b
	}
	station := dot11.Addr{0x02, 0, 0, 0, 0x01, 0}
	ap1, ap2 := p.APs[0], p.APs[1]
	begun := 5 * time.Second
	c.Frame(begun, ap.Frame{Freq: ap1.Links[1].Channel.Freq, Signal: -40, Data: frame(dot11.BroadcastAddr(), ap1.Links[1].BSSID)}, false)
	c.Frame(begun+time.Second, ap.Frame{Freq: ap2.Links[0].Channel.Freq, Data: frame(ap2.Links[0].BSSID, station)}, true)
	// A link that has changed its channel is still known by its BSSID.
	c.Frame(begun+2*time.Second, ap.Frame{Freq: 5825, Data: frame(station, ap2.Links[1].BSSID)}, false)
	// Whom a frame is for says nothing: its channel does.
	c.Frame(begun+3*time.Second, ap.Frame{Freq: ap1.Links[1].Channel.Freq, Data: frame(dot11.BroadcastAddr(), station)}, true)
	c.Frame(begun+4*time.Second, ap.Frame{Freq: 1, Data: []byte{0, 0}}, true)
	written := file.Len()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if written == 0 {
		t.Error("nothing is written before the end")
	}
	interfaces, times, lengths := packets(t, file.Bytes())
	want := []uint32{1, 2, 3, 1, 0}
	if len(interfaces) != len(want) {
		t.Fatalf("%d packets, want %d", len(interfaces), len(want))
	}
	for i := range want {
		if at := now.Add(time.Duration(i) * time.Second); interfaces[i] != want[i] || !times[i].Equal(at) || lengths[i] < 2 {
			t.Errorf("packet %d: interface %d at %v with %d octets, want %d at %v", i, interfaces[i], times[i], lengths[i], want[i], at)
		}
	}
}

type brokenWriter struct{ left int }

var errBroken = errors.New("no space is left")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errBroken
	}
	return len(b), nil
}

// A file that cannot be written does not stop the lab, and is told at the end.
func TestCaptureFails(t *testing.T) {
	p, err := lab.DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCapture(&brokenWriter{left: 1000}, p, CaptureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		c.Frame(time.Duration(i)*time.Second, ap.Frame{Freq: 5180, Data: make([]byte, 200)}, false)
	}
	if err := c.Close(); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want %v", err, errBroken)
	}
}
