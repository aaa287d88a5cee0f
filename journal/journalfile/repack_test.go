package journalfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// packing packs a payload as a journal of that kind has it.
type packing struct {
	name string
	flag byte
	pack func(testing.TB, []byte) []byte
}

func packings() []packing {
	return []packing{
		{"lz4", packedLZ4, func(tb testing.TB, b []byte) []byte {
			out := make([]byte, 8+lz4.CompressBlockBound(len(b)))
			binary.LittleEndian.PutUint64(out, uint64(len(b)))
			n, err := lz4.CompressBlock(b, out[8:], nil)
			if err != nil {
				tb.Fatal(err)
			}
			if n == 0 {
				return b
			}
			return out[:8+n]
		}},
		{"xz", packedXZ, func(tb testing.TB, b []byte) []byte {
			var out bytes.Buffer
			w, err := xz.WriterConfig{DictCap: 1 << 20, NoCheckSum: true}.NewWriter(&out)
			if err != nil {
				tb.Fatal(err)
			}
			_, err = w.Write(b)
			if err == nil {
				err = w.Close()
			}
			if err != nil {
				tb.Fatal(err)
			}
			return out.Bytes()
		}},
	}
}

// repack packs the large payloads of a file that has them plain, as a writer with
// that packing would have: the systemd that is at hand writes ZSTD alone. What
// becomes free is left as an object without content.
func repack(tb testing.TB, b []byte, p packing) []byte {
	tb.Helper()
	out := bytes.Clone(b)
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
	w := &walker{pages: &s.pages, f: f, at: f.firstObject(), lost: func(int64) { tb.Fatal("damaged") }}
	packed, objects, holes := 0, uint64(0), uint64(0)
	for {
		off, h, ok := w.next()
		if !ok {
			break
		}
		objects++
		if h.kind != objectData || h.size < 400 {
			continue
		}
		d, _ := parseData(b[off:], f, off)
		small := p.pack(tb, b[d.payload:off+h.size])
		size := d.payload - off + uint64(len(small))
		free := aligned(off+h.size) - aligned(off+size)
		if size >= h.size || free != 0 && free < arrayHeadSize {
			continue
		}
		packed++
		copy(out[d.payload:], small)
		clear(out[d.payload+uint64(len(small)) : aligned(off+h.size)])
		out[off+1] = p.flag
		binary.LittleEndian.PutUint64(out[off+8:], size)
		if free > 0 {
			objects++
			holes++
			out[aligned(off+size)] = objectArray
			binary.LittleEndian.PutUint64(out[aligned(off+size)+8:], free)
		}
	}
	if packed == 0 {
		tb.Fatal("nothing packed")
	}
	binary.LittleEndian.PutUint32(out[12:], f.head.flags&^8|uint32(p.flag))
	binary.LittleEndian.PutUint64(out[144:], objects)
	binary.LittleEndian.PutUint64(out[232:], le64(out[232:])+holes)
	return out
}

// TestPackings reads LZ4 and XZ in each layout and compares with journalctl.
func TestPackings(t *testing.T) {
	for _, l := range layouts() {
		if l.args == nil {
			continue
		}
		for _, p := range packings() {
			t.Run(fmt.Sprint(l.name, "-", p.name), func(t *testing.T) {
				t.Parallel()
				path := tempFile(t)
				l.write(t, path, standard(2000).export())
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, repack(t, b, p), 0o644); err != nil {
					t.Fatal(err)
				}
				compare(t, path, "--file", path)
			})
		}
	}
}

// TestXZTool unpacks what the xz program made, whose blocks tell their sizes when
// it has several threads.
func TestXZTool(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("xz is not installed: apt-get install xz-utils")
	}
	want := []byte("MESSAGE=" + string(bytes.Repeat([]byte("what xz makes of it; "), 300)))
	for _, arg := range []string{"-T1", "-T2"} {
		cmd := exec.Command("xz", arg, "--check=none", "--lzma2=preset=6,dict=1MiB", "-c")
		cmd.Stdin = bytes.NewReader(want)
		packed, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var u unpacker
		got, err := u.unpack(packedXZ, packed)
		if err != nil || !bytes.Equal(got.b, want) || got.size != int64(len(want)) {
			t.Errorf("%s: %d bytes of %d, %v", arg, len(got.b), len(want), err)
		}
	}
}
