package journal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// bzip2Text is "[    1.000001] wlan0: associated\n" packed by bzip2, which the
// standard library cannot write.
const bzip2Text = "425a6839314159265359ccd320d20000095b80601040016010000a2e258c8020003140d34323262108031064c94b6a624467713523aa5d51599fd0f0120cfc5dc914e14243334c8348"

func pack(t testing.TB, kind string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	case "xz":
		w, err = xz.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompressed(t *testing.T) {
	text := benchText("dmesg", 300_000)
	want, wantStats := readAll(t, string(text))
	for _, kind := range []string{"gzip", "zstd", "xz"} {
		t.Run(kind, func(t *testing.T) {
			packed := pack(t, kind, text)
			got, st := readAll(t, string(packed))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			wantStats := wantStats
			wantStats.Compression = kind
			if diff := cmp.Diff(wantStats, st); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}

			// Two packed files in one.
			_, st = readAll(t, string(packed)+string(packed))
			if st.Records != 2*len(want) || len(st.Skipped) != 0 {
				t.Errorf("joined: %d records, skipped %v", st.Records, st.Skipped)
			}

			// Cut off: what can be read, and a word about the rest.
			for _, n := range []int{len(packed) / 2, len(packed) - 3, 8} {
				got, st = readAll(t, string(packed[:n]))
				if len(got) > len(want) || !prefixOf(got, want) {
					t.Errorf("cut at %d: %d records are not the first of the whole", n, len(got))
				}
				if diff := cmp.Diff([]string{skipTruncated}, reasons(st)); diff != "" {
					t.Errorf("cut at %d: skips (-want +got):\n%s", n, diff)
				}
			}
			if got, _ := readAll(t, string(packed[:len(packed)-3])); kind == "gzip" && len(got) < len(want)-1 {
				t.Errorf("cut in the trailer: %d of %d records", len(got), len(want))
			}
		})
	}
}

// prefixOf tells whether got is the begin of want but for its last record, which
// may be cut.
func prefixOf(got, want []string) bool {
	return len(got) == 0 || cmp.Equal(got[:len(got)-1], want[:len(got)-1])
}

func TestBzip2(t *testing.T) {
	packed, err := hex.DecodeString(bzip2Text)
	if err != nil {
		t.Fatal(err)
	}
	got, st := readAll(t, string(packed))
	if diff := cmp.Diff([]string{"1+1 +1.000001s kernel | wlan0: associated"}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if st.Compression != "bzip2" {
		t.Errorf("compression %q", st.Compression)
	}
	got, st = readAll(t, string(packed[:len(packed)-30]))
	if len(got) != 0 || !cmp.Equal(reasons(st), []string{skipTruncated}) {
		t.Errorf("cut off: %q, skipped %v", got, st.Skipped)
	}
	// A line that begins like it.
	got, _ = readAll(t, "BZh9 is no magic by itself\n")
	if diff := cmp.Diff([]string{"1+1 | BZh9 is no magic by itself"}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// TestXZDictionary refuses a block that asks for a dictionary of gigabytes.
func TestXZDictionary(t *testing.T) {
	packed := pack(t, "xz", []byte("[    1.000001] wlan0: associated\n"))
	// The block header begins behind the stream header: size, flags, filter
	// id, size of properties, dictionary.
	i := 12 + 4
	if packed[14] != 0x21 {
		t.Fatalf("unexpected block header % x", packed[12:24])
	}
	packed[i] = lzma.EncodeDictCap(1 << 31)
	got, st := readAll(t, string(packed))
	if len(got) != 0 || !cmp.Equal(reasons(st), []string{skipWindow}) {
		t.Errorf("records %q, skipped %v", got, st.Skipped)
	}
}

// TestXZManyBlocks walks the framing of a file with several streams and
// padding.
func TestXZManyBlocks(t *testing.T) {
	var in []byte
	for i := range 20 {
		in = append(in, pack(t, "xz", fmt.Appendf(nil, "[%5d.000001] wlan0: associated\n", i))...)
		in = append(in, make([]byte, 4*(i%3))...)
	}
	got, st := readAll(t, string(in))
	if len(got) != 20 || len(st.Skipped) != 0 {
		t.Errorf("%d records, skipped %v", len(got), st.Skipped)
	}
}

func TestEncodings(t *testing.T) {
	text := "[    1.000001] wlan0: caf\u00e9 \U0001F600\n[    1.000002] wlan0: two\n"
	want := []string{"1+1 +1.000001s kernel | wlan0: café 😀", "2+1 +1.000002s kernel | wlan0: two"}
	units := utf16.Encode([]rune(text))
	little, big := []byte{0xff, 0xfe}, []byte{0xfe, 0xff}
	for _, u := range units {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	tests := []struct {
		name, in, encoding string
		want               []string
	}{
		{"UTF-8 with BOM", "\xef\xbb\xbf" + text, "", want},
		{"UTF-16 little", string(little), "UTF-16LE", want},
		{"UTF-16 big", string(big), "UTF-16BE", want},
		{"UTF-16, half a pair", "\xff\xfea\x00\x3d\xd8b\x00", "UTF-16LE", []string{"1+1 | a\ufffdb"}},
		{"UTF-16 within gzip", string(pack(t, "gzip", little)), "UTF-16LE", want},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, st := readAll(t, tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if st.Encoding != tt.encoding {
				t.Errorf("encoding %q", st.Encoding)
			}
		})
	}
	_, st := readAll(t, string(little[:len(little)-1]))
	if diff := cmp.Diff([]string{skipOddUTF16}, reasons(st)); diff != "" {
		t.Errorf("odd byte: skips (-want +got):\n%s", diff)
	}
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	journal := file("system.journal", FileSignature+strings.Repeat("\x00", 200))
	packed := file("system.journal.zst", string(pack(t, "zstd", []byte(FileSignature+strings.Repeat("\x00", 200)))))
	sock := filepath.Join(dir, "s")
	if l, err := net.Listen("unix", sock); err != nil {
		t.Logf("no unix socket: %v", err)
		sock = ""
	} else {
		defer l.Close()
	}
	tests := []struct {
		name, path string
		want       error
	}{
		{"directory", dir, ErrDirectory},
		{"socket", sock, ErrSocket},
		{"journal file", journal, ErrJournalFile},
		{"packed journal file", packed, ErrJournalFile},
		{"missing", filepath.Join(dir, "none"), fs.ErrNotExist},
	}
	for _, tt := range tests {
		if tt.path == "" {
			continue
		}
		_, err := ReadFile(context.Background(), tt.path, Options{}, func(*Record) error { return nil })
		var fe *FileError
		if !errors.As(err, &fe) || fe.Path != tt.path || !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v", tt.name, err)
		} else if n := strings.Count(err.Error(), tt.path); n != 1 {
			t.Errorf("%s: the path stands %d times in %q", tt.name, n, err)
		}
	}

	if _, err := Read(context.Background(), strings.NewReader(FileSignature), Options{File: "-"}, nil); !errors.Is(err, ErrJournalFile) || !strings.HasPrefix(err.Error(), "read -: ") {
		t.Errorf("a journal file through a pipe: %v", err)
	}

	log := file("log", "[    1.000001] wlan0: associated\n")
	for _, name := range []string{"", "other"} {
		want := log
		if name != "" {
			want = name
		}
		_, err := ReadFile(context.Background(), log, Options{File: name}, func(r *Record) error {
			if r.Origin.File != want {
				t.Errorf("origin %q, want %q", r.Origin.File, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// brokenReader fails after its text.
type brokenReader struct {
	r   io.Reader
	err error
}

func (b *brokenReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestReadEnds(t *testing.T) {
	text := "[    1.000001] wlan0: one\n[    1.000002] wlan0: two\n"
	read := func(ctx context.Context, r io.Reader, stop error) (n int, st Stats, err error) {
		st, err = Read(ctx, r, Options{}, func(*Record) error {
			n++
			return stop
		})
		return n, st, err
	}
	errIO := errors.New("input/output error")
	for _, kind := range []string{"", "gzip"} {
		in := []byte(text)
		if kind != "" {
			in = pack(t, kind, in)
			in = in[:len(in)-4]
		}
		n, st, err := read(context.Background(), &brokenReader{bytes.NewReader(in), errIO}, nil)
		if n != 2 || !errors.Is(err, errIO) || !cmp.Equal(reasons(st), []string{skipUnreadable}) {
			t.Errorf("%q broken: %d records, error %v, skipped %v", kind, n, err, st.Skipped)
		}
	}
	if n, _, err := read(context.Background(), strings.NewReader(text), ErrStop); n != 1 || err != nil {
		t.Errorf("stopped: %d records, error %v", n, err)
	}
	if n, _, err := read(context.Background(), strings.NewReader(text), errIO); n != 1 || !errors.Is(err, errIO) {
		t.Errorf("failed: %d records, error %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if n, _, err := read(ctx, strings.NewReader(text), nil); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %d records, error %v", n, err)
	}
}

// repeated gives n bytes of c.
func repeated(c byte, n int64) io.Reader {
	return io.LimitReader(repeatReader(c), n)
}

type repeatReader byte

func (r repeatReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// TestHostile reads what no log looks like: bounded in memory, nothing lost
// around it, and said.
func TestHostile(t *testing.T) {
	const size = 100 << 20
	before, after := "[    1.000001] wlan0: before\n", "\n[    1.000002] wlan0: after\n"
	tests := []struct {
		name    string
		middle  io.Reader
		records int
		skip    Skip
	}{
		{"a line of 100 MB", repeated('x', size), 3, Skip{Reason: skipLongLine, Count: 1, Bytes: size - maxLine, Line: 2}},
		{"100 MB of zeros", repeated(0, size), 2, Skip{Reason: skipNULBytes, Count: 1, Bytes: size, Line: 2}},
		{"a JSON record of 100 MB", io.MultiReader(strings.NewReader(`{"MESSAGE":"`), repeated('x', size)), 2, Skip{Reason: skipJSONLong, Count: 1, Bytes: size + 13, Line: 2}},
		{"an export field of 100 MB", io.MultiReader(strings.NewReader("__CURSOR=x\nMESSAGE=within\nBIG="), repeated('x', size)), 3, Skip{}},
		{"a quoted-printable line of 100 MB", io.MultiReader(strings.NewReader("a=3D"), repeated('=', size)), 3, Skip{Reason: skipLongLine, Count: 1, Bytes: size + 4 - maxLine, Line: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m1, m2 runtime.MemStats
			runtime.ReadMemStats(&m1)
			n, last := 0, ""
			st, err := Read(context.Background(), io.MultiReader(strings.NewReader(before), tt.middle, strings.NewReader(after)), Options{}, func(r *Record) error {
				n++
				last = r.Message
				if len(r.Raw) > 2*maxLine {
					t.Errorf("raw of %d bytes", len(r.Raw))
				}
				return nil
			})
			runtime.ReadMemStats(&m2)
			if err != nil {
				t.Fatal(err)
			}
			if n != tt.records || last != "wlan0: after" {
				t.Errorf("%d records, the last %q", n, last)
			}
			if tt.skip.Reason != "" {
				if diff := cmp.Diff([]Skip{tt.skip}, st.Skipped); diff != "" {
					t.Errorf("skipped (-want +got):\n%s", diff)
				}
			}
			if got := m2.TotalAlloc - m1.TotalAlloc; got > 32<<20 {
				t.Errorf("allocated %d bytes in all", got)
			}
		})
	}
}
