package kmsg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/journal/sourcetest"
)

const testBoot = "0123456789abcdef0123456789abcdef"

// ring is a ring buffer that devices read.
type ring struct {
	mu      sync.Mutex
	records []string // "" stands for a record that was overwritten
	grown   chan struct{}
}

func (r *ring) add(records ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, records...)
	close(r.grown)
	r.grown = make(chan struct{})
}

// fakeDevice behaves as devkmsg_read does.
type fakeDevice struct {
	ring *ring
	at   int
	over chan struct{}
}

func (d *fakeDevice) read(p []byte, wait bool) (int, error) {
	for {
		d.ring.mu.Lock()
		if d.at < len(d.ring.records) {
			s := d.ring.records[d.at]
			d.at++
			gone := s == ""
			for d.at < len(d.ring.records) && gone && d.ring.records[d.at] == "" {
				d.at++
			}
			d.ring.mu.Unlock()
			switch {
			case gone:
				return 0, syscall.EPIPE
			case len(s) > len(p):
				return 0, syscall.EINVAL
			}
			return copy(p, s), nil
		}
		grown := d.ring.grown
		d.ring.mu.Unlock()
		if !wait {
			return 0, errNone
		}
		select {
		case <-grown:
		case <-d.over:
			return 0, os.ErrDeadlineExceeded
		}
	}
}

func (d *fakeDevice) interrupt() { close(d.over) }

func (d *fakeDevice) Close() error { return nil }

func newRing(records ...string) *ring { return &ring{records: records, grown: make(chan struct{})} }

// source makes a source over the ring.
func (r *ring) source(s Source) *Source {
	s.open = func() (device, error) { return &fakeDevice{ring: r, over: make(chan struct{})}, nil }
	s.boot = func() (string, error) { return testBoot, nil }
	s.host = func() (string, error) { return "station", nil }
	return &s
}

// raw writes a record as the device gives it.
func raw(seq int, r *journal.Record) string {
	facility := 0
	text := r.Message
	if r.Transport != journal.TransportKernel {
		facility = 3 << 3
		text = r.Identifier + ": " + text
		if r.PID != 0 {
			text = fmt.Sprintf("%s[%d]: %s", r.Identifier, r.PID, r.Message)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d,%d,%d,-;", facility+int(r.Priority), seq, r.Time.Mono.Microseconds())
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('\n')
	if r.Device != "" {
		fmt.Fprintf(&b, " SUBSYSTEM=pci\n DEVICE=%s\n", r.Device)
	}
	return b.String()
}

func TestConforms(t *testing.T) {
	sourcetest.Conform(t, "kmsg", sourcetest.Abilities{
		Boot: sourcetest.One, TheBoot: testBoot, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, Unicode: true, Lines: true, Cursor: true, Follow: true,
	}, func(t *testing.T, records []journal.Record) sourcetest.Store {
		r, next := newRing(), 100
		put := func(t *testing.T, records []journal.Record) {
			var list []string
			for i := range records {
				list = append(list, raw(next, &records[i]))
				next++
			}
			r.add(list...)
		}
		put(t, records)
		return sourcetest.Store{
			Open: func(_ *testing.T, q sourcetest.Query) journal.Source {
				return r.source(Source{Filter: q.Filter, After: q.After, Follow: q.Follow})
			},
			Append: put,
			Damage: func(*testing.T) {
				for i := range 7 {
					r.records[10+i] = ""
				}
			},
		}
	})
}

// What the ring buffer lost is counted, and nothing is invented in its place.
func TestLost(t *testing.T) {
	rec := func(seq int) string { return fmt.Sprintf("6,%d,%d,-;record %d\n", seq, seq*1000, seq) }
	for _, c := range []struct {
		name  string
		after string
		ring  []string
		want  []string
		lost  []journal.Skip
	}{
		{"nothing", "", []string{rec(70), rec(71)}, []string{"record 70", "record 71"}, nil},
		{"in between", "", []string{rec(70), "", "", "", rec(74), rec(75), "", rec(77)}, []string{"record 70", "record 74", "record 75", "record 77"}, []journal.Skip{{Reason: skipLost, Count: 4, Line: 2}}},
		{"without a word of the device", "", []string{rec(1), rec(5)}, []string{"record 1", "record 5"}, []journal.Skip{{Reason: skipLost, Count: 3, Line: 2}}},
		{"behind a cursor", "kmsg:" + testBoot + ":60", []string{rec(70)}, []string{"record 70"}, []journal.Skip{{Reason: skipLost, Count: 9, Line: 1}}},
		{"behind a cursor that is there", "kmsg:" + testBoot + ":70", []string{rec(70), rec(71)}, []string{"record 71"}, nil},
		{"behind another boot's cursor", "kmsg:ffffffffffffffffffffffffffffffff:7000", []string{rec(70)}, []string{"record 70"}, nil},
		{
			"damaged", "", []string{rec(1), "no record\n", "6,x,3,-;text\n", "6,4\n", rec(5)},
			[]string{"record 1", "record 5"}, []journal.Skip{{Reason: skipRecord, Count: 3, Line: 2}},
		},
		{"long", "", []string{rec(1), "6,2,2,-;" + strings.Repeat("x", maxRecord), rec(3)}, []string{"record 1", "record 3"}, []journal.Skip{{Reason: skipLong, Count: 1, Line: 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			stats, err := newRing(c.ring...).source(Source{After: c.after}).Read(t.Context(), func(r *journal.Record) error {
				got = append(got, r.Message)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.lost, stats.Skipped); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	type part struct {
		Seq                         int64
		Priority                    journal.Priority
		Mono                        time.Duration
		Transport                   journal.Transport
		Identifier, Device, Message string
		PID                         int
	}
	for _, c := range []struct {
		in   string
		want part
		bad  bool
	}{
		{in: "6,1234,5140900,-;wlan0: associated\n", want: part{1234, 6, 5140900 * time.Microsecond, "kernel", "kernel", "", "wlan0: associated", 0}},
		{
			in:   "3,7,1,-,caller=T12;mt7925e 0000:05:00.0: timeout\n SUBSYSTEM=pci\n DEVICE=+pci:0000:05:00.0\n",
			want: part{7, 3, time.Microsecond, "kernel", "kernel", "+pci:0000:05:00.0", "mt7925e 0000:05:00.0: timeout", 0},
		},
		{in: "30,8,1,-;wpa_supplicant[812]: wlan0: new; cycle\n", want: part{8, 6, time.Microsecond, "syslog", "wpa_supplicant", "", "wlan0: new; cycle", 812}},
		{in: "12,8,1,-;roamfault: cycle 4\n", want: part{8, 4, time.Microsecond, "syslog", "roamfault", "", "cycle 4", 0}},
		{in: "12,8,1,-;no tag here\n", want: part{8, 4, time.Microsecond, "syslog", "", "", "no tag here", 0}},
		{in: `6,9,1,c;back\x5cslash \xc3\xa9 \x1b[31mred\x1b[0m two\x0alines \x` + "\n", want: part{9, 6, time.Microsecond, "kernel", "kernel", "", "back\\slash é red two\nlines \\x", 0}},
		{in: "6,9,1,-;\n", want: part{9, 6, time.Microsecond, "kernel", "kernel", "", "", 0}},
		{in: "", bad: true},
		{in: "6,9,1;text\n", bad: true},
		{in: "6,-9,1,-;text\n", bad: true},
		{in: "6,9,99999999999999999999,-;text\n", bad: true},
		{in: "6,9\n,1,-;text\n", bad: true},
	} {
		var r journal.Record
		seq, ok := parse([]byte(c.in), &r)
		if ok == c.bad {
			t.Errorf("%q: ok %v", c.in, ok)
			continue
		}
		if c.bad {
			continue
		}
		got := part{seq, r.Priority, r.Time.Mono, r.Transport, r.Identifier, r.Device, r.Message, r.PID}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	none := func(*journal.Record) error { return nil }
	for _, c := range []struct {
		name string
		src  Source
		open error
		want string
	}{
		{"denied", Source{}, &os.PathError{Op: "open", Path: Path, Err: syscall.EPERM}, "read /dev/kmsg: permission denied: run as root, or allow it with sysctl kernel.dmesg_restrict=0"},
		{"elsewhere", Source{}, ErrUnsupported, "read /dev/kmsg: only linux has it: save the output of dmesg in a file and read that"},
		{"cursor", Source{After: "s=1;i=2"}, nil, `cursor "s=1;i=2" is none of /dev/kmsg: want kmsg:BOOT:NUMBER`},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := newRing().source(c.src)
			if c.open != nil {
				src.open = func() (device, error) { return nil, c.open }
			}
			_, err := src.Read(t.Context(), none)
			if err == nil || err.Error() != c.want {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

// The device fails in a way that nobody expects: no endless loop.
func TestDeviceFails(t *testing.T) {
	src := newRing().source(Source{Follow: true})
	src.open = func() (device, error) { return failing{}, nil }
	_, err := src.Read(t.Context(), func(*journal.Record) error { return nil })
	var fe *journal.FileError
	if !errors.As(err, &fe) || !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ io.Closer }

func (failing) read([]byte, bool) (int, error) { return 0, syscall.EIO }
func (failing) interrupt()                     {}
func (failing) Close() error                   { return nil }

// The real device: its records are whole, a mark written into it comes while
// following, and the end of the context ends the waiting.
func TestDevice(t *testing.T) {
	if runtime.GOOS != "linux" {
		_, err := (&Source{}).Read(t.Context(), func(*journal.Record) error { return nil })
		if !errors.Is(err, ErrUnsupported) {
			t.Errorf("error %v, want %v", err, ErrUnsupported)
		}
		return
	}
	if f, err := os.Open(Path); err != nil {
		t.Skipf("the kernel's ring buffer cannot be read here: %v", err)
	} else {
		f.Close()
	}
	var last journal.Record
	stats, err := (&Source{}).Read(t.Context(), func(r *journal.Record) error {
		if r.Boot == "" || r.Host == "" || !r.Time.HasMono || r.Cursor == "" || strings.Contains(r.Boot, "-") {
			t.Errorf("record %+v", *r)
		}
		last = *r
		return nil
	})
	if err != nil || stats.Records == 0 {
		t.Fatalf("%d records, error %v", stats.Records, err)
	}
	rest := 0
	if _, err := (&Source{After: last.Cursor}).Read(t.Context(), func(r *journal.Record) error {
		if rest++; r.Cursor == last.Cursor {
			t.Errorf("record behind the last one: %+v", *r)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sourcetest.EndsPromptly(t, &Source{Follow: true, After: last.Cursor})
	mark := fmt.Sprintf("roamfault-test[%d]: mark %d", os.Getpid(), time.Now().UnixNano())
	// Without its newline a record stays open, and hidden, until the next one.
	if err := os.WriteFile(Path, []byte("<31>"+mark+"\n"), 0); err != nil {
		t.Skipf("no mark can be written: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = (&Source{Follow: true, After: last.Cursor}).Read(ctx, func(r *journal.Record) error {
		if strings.HasSuffix(mark, r.Message) && r.Identifier == "roamfault-test" && r.PID == os.Getpid() && r.Priority == 7 && r.Transport == journal.TransportSyslog {
			return journal.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Errorf("the mark did not come: %v", err)
	}
}

// Whatever a device gives is a record with clean text or none.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"6,1,2,-;text\n DEVICE=n3\n", `30,9,1,c;a[1]: \x0a\x1b[31m\xff` + "\n", ",,,;", "6,1,2,-;[: ]: x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r journal.Record
		seq, ok := parse(b, &r)
		if !ok {
			return
		}
		if seq < 0 || r.Priority < 0 || r.Priority > 7 || r.PID < 0 || r.Time.Mono < 0 {
			t.Errorf("%+v", r)
		}
		for _, s := range []string{r.Message, r.Identifier, r.Device} {
			for _, c := range s {
				if c < ' ' && c != '\t' && c != '\n' || c >= 0x7f && c < 0xa0 {
					t.Errorf("control character %q in %q", c, s)
				}
			}
		}
		if strings.ToValidUTF8(r.Message, "") != r.Message {
			t.Errorf("invalid text %q", r.Message)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	in := []byte("3,7,123456789,-,caller=T12;mt7925e 0000:05:00.0: Message 00020003 (seq 7) timeout\n SUBSYSTEM=pci\n DEVICE=+pci:0000:05:00.0\n")
	var r journal.Record
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parse(in, &r); !ok {
			b.Fatal("no record")
		}
	}
}
