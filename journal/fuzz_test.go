package journal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// checkRead reads any input and checks what must hold of every reading.
func checkRead(t *testing.T, in []byte) {
	t.Helper()
	covered := map[int]bool{}
	last := 0
	total := 0
	st, err := Read(context.Background(), bytes.NewReader(in), Options{File: "f"}, func(r *Record) error {
		o := r.Origin
		if o.Line < last || o.Line < 1 || o.Lines < 1 || o.Offset < 0 {
			t.Fatalf("origin %+v behind line %d", o, last)
		}
		last = o.Line
		for l := o.Line; l < o.Line+o.Lines; l++ {
			covered[l] = true
		}
		if !utf8.ValidString(r.Message) || !utf8.ValidString(r.Host) || !utf8.ValidString(r.Identifier) || !utf8.ValidString(r.Boot) {
			t.Fatalf("invalid UTF-8 in %+v", r)
		}
		for _, s := range []string{r.Message, r.Host, r.Identifier, r.Device, r.Cursor} {
			for _, c := range s {
				if (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) {
					t.Fatalf("control character %U in %q", c, s)
				}
			}
		}
		if r.Count < 1 || r.Priority < PriorityUnknown || r.Priority > 7 || r.PID < 0 || r.Time.Mono < 0 {
			t.Fatalf("odd record %+v", r)
		}
		if r.Time.Known != 0 && r.Time.Precision == 0 {
			t.Fatalf("time without precision %+v", r)
		}
		if y := r.Time.Wall.UTC().Year(); r.Time.Known&KnownYear != 0 && (y < 1969 || y > 10000) {
			t.Fatalf("year %d", y)
		}
		total += len(r.Message)
		return nil
	})
	if err != nil {
		t.Fatalf("error %v", err)
	}
	if st.Compression != "" || st.Encoding != "" {
		return
	}
	if want := int64(len(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf")))); st.Bytes != want {
		t.Fatalf("%d bytes read of %d", st.Bytes, want)
	}
	if total > 4*len(in)+16 {
		t.Fatalf("messages of %d bytes out of %d", total, len(in))
	}
	if st.Lines > len(in)+1 {
		t.Fatalf("%d lines in %d bytes", st.Lines, len(in))
	}
	// Every line belongs to a record, or is blank, a mark or skipped.
	missed := 0
	for l := 1; l <= st.Lines; l++ {
		if !covered[l] {
			missed++
		}
	}
	skipped := 0
	for _, s := range st.Skipped {
		skipped += s.Count
		if strings.Contains(s.Reason, "record") || strings.Contains(s.Reason, "entry") {
			// A structured record may take many lines.
			skipped += st.Lines
		}
	}
	if missed > st.Blank+st.Marks+skipped {
		t.Fatalf("%d of %d lines are nowhere: blank %d, marks %d, skipped %v", missed, st.Lines, st.Blank, st.Marks, st.Skipped)
	}
	for l := range covered {
		if l > st.Lines {
			t.Fatalf("line %d of %d", l, st.Lines)
		}
	}
}

// checkAgain reads the raw text of each clean record of one line again: it
// must give the same message.
func checkAgain(t *testing.T, in []byte) {
	t.Helper()
	type once struct{ raw, msg string }
	var all []once
	_, err := Read(context.Background(), bytes.NewReader(in), Options{}, func(r *Record) error {
		if r.Origin.Lines == 1 && isClean([]byte(r.Raw)) && !strings.ContainsAny(r.Raw, "=>{") && len(all) < 50 {
			all = append(all, once{r.Raw, r.Message})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		p, ok := parsePrefix([]byte(strings.TrimLeft(o.raw, " \t")))
		if !ok || p.weak || p.format == fmtVerbose {
			continue
		}
		n := 0
		_, err := Read(context.Background(), strings.NewReader(o.raw), Options{}, func(r *Record) error {
			n++
			if r.Message != o.msg {
				t.Fatalf("%q gave %q, alone %q", o.raw, o.msg, r.Message)
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Fatalf("%q gave %d records, error %v", o.raw, n, err)
		}
	}
}

// checkPieces reads an input byte by byte: how a pipe cuts it changes nothing.
func checkPieces(t *testing.T, in []byte) {
	t.Helper()
	read := func(r io.Reader) (out []string) {
		st, err := Read(context.Background(), r, Options{}, func(r *Record) error {
			out = append(out, fmt.Sprintf("%+v", *r))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return append(out, fmt.Sprintf("%+v", st))
	}
	if diff := cmp.Diff(read(bytes.NewReader(in)), read(iotest.OneByteReader(bytes.NewReader(in)))); diff != "" {
		t.Fatalf("(-at once +byte by byte):\n%s", diff)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range prefixSamples {
		f.Add([]byte(s.line + "\n"))
		f.Add([]byte("> " + s.line + "\n" + s.line + " " + s.line))
	}
	f.Add([]byte("[    1.000001] a=3Db=\n c=0A=\n> [    1.000002] d=\n> e\n"))
	f.Add([]byte("wlan0: CTRL-EVENT-DISC[ 1812.061463] cfg80211: x\nONNECTED y\n-- Reboot --\n\x1b[0m\x00\x00x\r\n"))
	f.Add([]byte("Sun 2026-01-11 18:14:14 CET [s=aa;b=00;m=4d2;t=6482078d5a1c0]\n    MESSAGE=x\n    PRIORITY=3\n"))
	f.Add([]byte("6,1,2,-;x\n DEVICE=+pci:0\n      4  box kernel: y\n      5  box kernel: z\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		checkRead(t, in)
		checkAgain(t, in)
	})
}

func FuzzExport(f *testing.F) {
	f.Add([]byte("MESSAGE=x\n\n"))
	f.Add([]byte(binaryField("MESSAGE", 3, "a\nb") + "PRIORITY=3\n"))
	f.Add([]byte(binaryField("MESSAGE", 1<<63, "a\nb") + "PRIORITY=3\n\n__CURSOR=y\nMESSAGE=z"))
	f.Fuzz(func(t *testing.T, in []byte) {
		checkRead(t, append([]byte("__CURSOR=x\n"), in...))
		checkPieces(t, append([]byte("__CURSOR=x\n"), in...))
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`"MESSAGE":"x","PRIORITY":["3"],"Z":{"a":[1,2]}}` + "\n"))
	f.Add([]byte("\n\t\"MESSAGE\" : [1,2,255],\n\t\"__REALTIME_TIMESTAMP\" : \"1\"\n}\n\x1e{\"MESSAGE\":null}"))
	f.Add([]byte(`"MESSAGE":"\ud83d\ude00\u0041\q"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		checkRead(t, append([]byte("{"), in...))
		checkRead(t, append([]byte(`{"MESSAGE":`), in...))
		checkPieces(t, append([]byte("{"), in...))
	})
}

func FuzzOpen(f *testing.F) {
	text := []byte("[    1.000001] wlan0: associated\n[    1.000002] wlan0: authenticated\n")
	for _, kind := range []string{"gzip", "zstd", "xz"} {
		f.Add(pack(f, kind, text))
	}
	f.Add([]byte("\xff\xfea\x00\n\x00"))
	f.Add([]byte("BZh91AY&SY"))
	f.Add([]byte("\xef\xbb\xbfx"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if bytes.HasPrefix(in, []byte(FileSignature)) {
			return
		}
		skips := new(skipList)
		opened, err := open(bytes.NewReader(in), skips)
		if err != nil {
			return
		}
		defer opened.close()
		if opened.compression == "" {
			checkRead(t, in)
			return
		}
		// Small inputs may unpack to very much; the begin will do.
		n := 0
		_, err = Read(context.Background(), bytes.NewReader(in), Options{}, func(*Record) error {
			if n++; n > 1000 {
				return ErrStop
			}
			return nil
		})
		if err != nil && len(skips.list) == 0 {
			t.Fatalf("error %v", err)
		}
	})
}

func FuzzParsePrefix(f *testing.F) {
	for _, s := range prefixSamples {
		f.Add([]byte(s.line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		p, ok := parsePrefix(line)
		if !ok {
			return
		}
		n := int32(len(line))
		for _, s := range []span{p.host, p.ident, {p.msg, n}} {
			if s.a < 0 || s.a > s.b || s.b > n {
				t.Fatalf("span %v of %d bytes", s, n)
			}
		}
		if p.host.b > p.msg || p.ident.b > p.msg {
			t.Fatalf("prefix behind its message: %+v", p)
		}
	})
}
