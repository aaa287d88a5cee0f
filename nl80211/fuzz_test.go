package nl80211

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"
)

// unknown is an attribute that no kernel has.
func unknown() []byte { return attribute(0x3ffe, []byte{1, 2, 3}) }

// inert reports whether b can have another attribute behind it: with that, an
// answer must mean the same.
func inert(b []byte) bool { return len(b)%4 == 0 && len(b) < 1<<15 }

// one line, and nothing in it that moves a terminal's cursor.
func checkLine(t *testing.T, line string) {
	t.Helper()
	if line == "" || strings.ContainsFunc(line, unicode.IsControl) || !strings.EqualFold(line, strings.ToValidUTF8(line, "")) {
		t.Errorf("line %q", line)
	}
}

func FuzzEvent(f *testing.F) {
	for _, c := range eventCases() {
		f.Add(uint8(c.command), join(num32(1, 3), num32(3, 7), c.b))
	}
	f.Fuzz(func(t *testing.T, command uint8, b []byte) {
		got := DecodeEvent(testStamp(), Command(command), b)
		checkLine(t, got.Text())
		if other, ok := got.Body.(Other); ok {
			if string(other.Attributes) != string(b) {
				t.Errorf("the attributes are not those that came")
			}
			return
		}
		if !inert(b) {
			return
		}
		again := DecodeEvent(testStamp(), Command(command), join(b, unknown()))
		sameWords := cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
		if diff := cmp.Diff(got, again, sameWords); diff != "" {
			t.Errorf("an attribute that nobody knows changes the event (-without +with):\n%s", diff)
		}
	})
}

// fuzzAnswer fuzzes the reading of one kind of answer.
func fuzzAnswer[T any](f *testing.F, seeds [][]byte, take func(*T) func(*decoder), use func(*testing.T, *T)) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var got, again T
		if err := decode(b, take(&got)); err != nil {
			if !errors.Is(err, errShort) && !errors.Is(err, errSize) {
				t.Errorf("error %v is of another kind", err)
			}
			return
		}
		if use != nil {
			use(t, &got)
		}
		if !inert(b) {
			return
		}
		if err := decode(join(unknown(), b), take(&again)); err != nil {
			t.Errorf("an attribute that nobody knows makes the answer damaged: %v", err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("an attribute that nobody knows changes the answer (-without +with):\n%s", diff)
		}
	})
}

func FuzzInterface(f *testing.F) {
	fuzzAnswer(f, [][]byte{interfaceAnswer().Data}, func(i *Interface) func(*decoder) { return i.take }, nil)
}

func FuzzStation(f *testing.F) {
	fuzzAnswer(f, [][]byte{stationAnswer().Data}, func(s *Station) func(*decoder) { return s.take }, nil)
}

func FuzzBSS(f *testing.F) {
	elements := mldElements().Append(nil)
	seed := join(num32(46, 5), num32(3, 7), list(47, address(1, apLink(1)), attribute(6, elements), num16(4, 100), num32(2, 5180),
		num32(7, 0xffffec78), num32(9, 1), num8(21, 1), address(22, apMLD()), list(19, num8(0, 0xce))))
	fuzzAnswer(f, [][]byte{seed}, func(b *BSS) func(*decoder) { return b.take }, func(t *testing.T, b *BSS) {
		if ssid := b.SSID(); len(ssid) > 255 {
			t.Errorf("an SSID of %d octets", len(ssid))
		}
		mld, err := b.MLD()
		if err == nil && len(mld.Links) > 16 {
			t.Errorf("%d links", len(mld.Links))
		}
		seen := make(map[uint8]bool)
		for _, l := range mld.Links {
			if seen[l.ID] {
				t.Errorf("link %d is there twice", l.ID)
			}
			seen[l.ID] = true
		}
	})
}

func FuzzWiphy(f *testing.F) {
	var seeds [][]byte
	for _, p := range wiphyParts() {
		seeds = append(seeds, p.Data)
	}
	fuzzAnswer(f, seeds, func(w *Wiphy) func(*decoder) { return w.take }, func(t *testing.T, w *Wiphy) {
		if len(w.Bands) > maxBands {
			t.Errorf("%d bands", len(w.Bands))
		}
		if n := w.MaxLinks(TypeStation); n < 0 || n > 16 {
			t.Errorf("%d links at a time", n)
		}
	})
}

func FuzzSurvey(f *testing.F) {
	seed := list(84, num32(1, 5180), num8(2, 0xa1), flag(3), num64(4, 1000))
	fuzzAnswer(f, [][]byte{seed}, func(s *Survey) func(*decoder) { return s.take }, nil)
}

func FuzzRegulatory(f *testing.F) {
	seed := join(str(33, "DE"), num8(146, 2), list(34, list(0, num32(1, 0), num32(2, 2400000), num32(7, 5))))
	fuzzAnswer(f, [][]byte{seed}, func(r *Regulatory) func(*decoder) { return r.take }, nil)
}

// Whatever place the kernel names in whatever was sent, it is resolved to what is
// there or to nothing.
func FuzzRefusal(f *testing.F) {
	request := join(num32(3, 7), nest(312, nest(1, num8(313, 4), address(6, apLink(4)))))
	f.Add(request, 20, "words")
	f.Add(request, 20+8+4+4, "")
	f.Add(nest(312, nest(1, raw(313, 1, 2))), 28, "")
	f.Fuzz(func(t *testing.T, b []byte, offset int, words string) {
		sent := netlink.Message{Data: append([]byte{38, 1, 0, 0}, b...)}
		op := &netlink.OpError{Err: syscall.EINVAL, Message: words, Offset: offset, Sequence: 1}
		e, ok := refusal(op, CommandAssociate, 7, sent).(*Error)
		if !ok || e.Errno != syscall.EINVAL || e.Message != words || e.Offset != offset {
			t.Fatalf("refusal %#v", e)
		}
		if e.Error() == "" || len(e.Lines()) == 0 {
			t.Error("the refusal has no words")
		}
		if len(e.Attributes) > len(b)/4 {
			t.Errorf("%d attributes in %d octets", len(e.Attributes), len(b))
		}
	})
}

func FuzzAck(f *testing.F) {
	request := netlink.Message{Header: netlink.Header{Length: 28, Sequence: 5}, Data: []byte{1, 2, 3, 4}}
	for _, m := range []netlink.Message{ack(request, 0, num64(3, 9)), ack(request, syscall.EINVAL, num64(3, 9)), ack(request, 0)} {
		f.Add(uint16(m.Header.Flags), m.Data)
	}
	f.Fuzz(func(t *testing.T, flags uint16, b []byte) {
		m := netlink.Message{Header: netlink.Header{Type: netlink.Error, Flags: netlink.HeaderFlags(flags)}, Data: b}
		cookie := ackCookie(m)
		if cookie != 0 && !strings.Contains(string(b), string(binary.NativeEndian.AppendUint64(nil, cookie))) {
			t.Errorf("cookie %#x was not there", cookie)
		}
	})
}
