package journalfile

import (
	"bytes"
	"strings"
	"testing"
)

// checkJournal reads a file of any bytes in both ways, and its boots.
func checkJournal(t *testing.T, b []byte) {
	t.Helper()
	got, _, ok := checkRead(t, b, Options{})
	if !ok {
		return
	}
	some, _, _ := checkRead(t, b, timedOut)
	if len(some) > len(got) {
		t.Fatalf("%d records chosen of %d", len(some), len(got))
	}
	j, err := newJournal(b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	boots, err := j.Boots()
	if err != nil {
		t.Fatal(err)
	}
	entries := 0
	for _, boot := range boots {
		entries += boot.Entries
	}
	if entries > len(b)/entryHeadSize {
		t.Fatalf("%d entries in %d bytes", entries, len(b))
	}
}

// FuzzJournal reads files of any bytes. The seeds are the small ones, as time goes
// with their size.
func FuzzJournal(f *testing.F) {
	for _, fx := range fixtures(f) {
		if strings.HasPrefix(fx.name, "tiny") {
			f.Add(fx.journal)
		}
	}
	f.Fuzz(checkJournal)
}

// FuzzEdits changes numbers in sound files: which file, then of each change the
// place in 2 bytes, counted in eights, how many bytes, and the bytes.
func FuzzEdits(f *testing.F) {
	list := fixtures(f)
	f.Add(uint8(0), []byte("\x16\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add(uint8(3), []byte("\x13\x00\x01\x00\x11\x00\x02\x00\x10"))
	f.Fuzz(func(t *testing.T, which uint8, edits []byte) {
		b := bytes.Clone(list[int(which)%len(list)].journal)
		for len(edits) > 3 {
			at := (int(edits[0]) | int(edits[1])<<8) * 8 % len(b)
			n := min(1+int(edits[2]%8), len(edits)-3)
			copy(b[at:], edits[3:3+n])
			edits = edits[3+n:]
		}
		checkJournal(t, b)
	})
}

// FuzzUnpack unpacks any bytes in each way.
func FuzzUnpack(f *testing.F) {
	for _, p := range allPackings() {
		f.Add(p.flag, p.pack(f, []byte("MESSAGE=wlan0: associated associated associated associated associated associated associated associated")))
	}
	f.Fuzz(func(t *testing.T, flag byte, packed []byte) {
		var u unpacker
		defer u.close()
		got, err := u.unpack(flag, packed)
		if len(got.b) > maxPayload || err == nil && got.size >= 0 && got.size < int64(len(got.b)) {
			t.Fatalf("%d bytes of %d", len(got.b), got.size)
		}
	})
}
