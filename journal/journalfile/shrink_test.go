package journalfile

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"testing"
)

// shrink rewrites a sound file with a table of few buckets, and without the room at its
// end: a few KiB instead of 8 MiB. All of the rest stays as its writer
// left it, at other offsets.
func shrink(tb testing.TB, b []byte) []byte {
	tb.Helper()
	const buckets = 32
	j, err := newJournal(b, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	f := j.files[0]
	s, err := j.newSession(nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer s.close()
	h := &f.head
	table := h.dataTable - objectHeadSize
	end, ok := s.tail(f)
	if !ok {
		tb.Fatal("no tail")
	}
	delta := aligned(h.dataTableLen) - buckets*16
	move := func(off uint64) uint64 {
		if off > h.dataTable {
			return off - delta
		}
		return off
	}
	out := append(bytes.Clone(b[:h.dataTable+buckets*16]), b[h.dataTable+aligned(h.dataTableLen):end]...)
	put64 := func(at uint64, v uint64) { binary.LittleEndian.PutUint64(out[at:], v) }
	fix64 := func(at uint64) { put64(at, move(le64(out[at:]))) }
	fix32 := func(at uint64) { binary.LittleEndian.PutUint32(out[at:], uint32(move(uint64(le32(out[at:]))))) }
	clear(out[h.dataTable : h.dataTable+buckets*16])
	put64(table+8, objectHeadSize+buckets*16)
	put64(96, uint64(len(out))-h.size)
	put64(112, buckets*16)
	for _, at := range []uint64{120, 136, 176} {
		fix64(at)
	}
	if h.size >= 264 {
		fix32(256)
	}
	if h.size >= 272 {
		fix64(264)
	}
	if head, err := parseHeader(out); err != nil {
		tb.Fatal(err)
	} else {
		*h = head
	}
	f.size = uint64(len(out))
	for at := h.size; at < uint64(len(out)); {
		o := parseObjectHead(out[at:])
		if !o.sound(f.size-at, h.compact()) {
			tb.Fatalf("no object at %d", at)
		}
		switch o.kind {
		case objectFieldTable:
			for i := at + objectHeadSize; i < at+o.size; i += 8 {
				fix64(i)
			}
		case objectField:
			fix64(at + 24)
			fix64(at + 32)
		case objectEntry:
			for i := at + entryHeadSize; i < at+o.size; {
				if h.compact() {
					fix32(i)
					i += 4
					continue
				}
				fix64(i)
				i += 16
			}
		case objectArray:
			fix64(at + 16)
			for i := at + arrayHeadSize; i+f.itemSize() <= at+o.size; i += f.itemSize() {
				if h.compact() {
					fix32(i)
					continue
				}
				fix64(i)
			}
		case objectData:
			for _, k := range []uint64{32, 40, 48} {
				fix64(at + k)
			}
			if h.compact() {
				fix32(at + 64)
			}
			put64(at+24, 0)
			bucket := h.dataTable + le64(out[at+16:])%buckets*16
			if tail := le64(out[bucket+8:]); tail != 0 {
				put64(tail+24, at)
			} else {
				put64(bucket, at)
			}
			put64(bucket+8, at)
		}
		at = aligned(at + o.size)
	}
	return out
}

// TestShrink has journalctl verify what shrink made.
func TestShrink(t *testing.T) {
	for _, l := range layouts() {
		path := tempFile(t)
		l.write(t, path, standard(300).export())
		before := journalctl(t, "--file", path, "-o", "export")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, shrink(t, b), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("journalctl", "--verify", "--file", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", l.name, err, out)
		}
		if !bytes.Equal(before, journalctl(t, "--file", path, "-o", "export")) {
			t.Errorf("%s: other entries", l.name)
		}
	}
}
