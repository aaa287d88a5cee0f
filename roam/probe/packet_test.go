package probe

import (
	"bytes"
	"testing"
	"time"
)

var testEcho = echo{id: 0x1234, cookie: [cookieLen]byte{1, 2, 3, 15: 9}, number: 0x10007, sent: 5 * time.Second}

// reply makes the answer to a request, as a host does.
func reply(request []byte) []byte {
	b := bytes.Clone(request)
	if b[0] == typeRequest6 {
		b[0] = typeReply6
		return b
	}
	b[0], b[2], b[3] = typeReply4, 0, 0
	sum := checksum(b)
	b[2], b[3] = byte(sum>>8), byte(sum)
	return b
}

func TestPacket(t *testing.T) {
	for _, six := range []bool{false, true} {
		var b [packetLen]byte
		e := testEcho
		e.six = six
		e.put(&b)
		if !six && checksum(b[:]) != 0 {
			t.Error("wrong checksum")
		}
		if got, ok := parseReply(reply(b[:]), six); !ok || got != e {
			t.Errorf("six %t: %+v, %t", six, got, ok)
		}
		for name, change := range map[string]func(b []byte) []byte{
			"request":         func([]byte) []byte { return b[:] },
			"short":           func(b []byte) []byte { return b[:packetLen-1] },
			"long":            func(b []byte) []byte { return append(b, 0, 0) },
			"code":            func(b []byte) []byte { b[1] = 1; return b },
			"another number":  func(b []byte) []byte { b[7]++; b[3]--; return b },
			"the other kind":  func(b []byte) []byte { b[0] ^= typeReply6; return b },
			"nothing":         func([]byte) []byte { return nil },
			"a bit of header": func(b []byte) []byte { b[0] ^= 1; return b },
		} {
			if got, ok := parseReply(change(reply(b[:])), six); ok {
				t.Errorf("six %t, %s: taken as %+v", six, name, got)
			}
		}
	}
	var b [packetLen]byte
	testEcho.put(&b)
	r := reply(b[:])
	r[20] ^= 1
	if _, ok := parseReply(r, false); ok {
		t.Error("a damaged one is taken")
	}
}

func TestCutIPv4(t *testing.T) {
	header := append([]byte{0x46}, make([]byte, 23)...)
	for _, tt := range []struct {
		b    []byte
		want string
		ok   bool
	}{
		{append(header, "abc"...), "abc", true}, {header[:23], "", false}, {nil, "", false},
		{append([]byte{0x65}, make([]byte, 40)...), "", false}, {append([]byte{0x44}, make([]byte, 40)...), "", false},
	} {
		if got, ok := cutIPv4(tt.b); string(got) != tt.want || ok != tt.ok {
			t.Errorf("%x: %q, %t", tt.b, got, ok)
		}
	}
}

func FuzzReply(f *testing.F) {
	var b [packetLen]byte
	testEcho.put(&b)
	f.Add(reply(b[:]), false)
	f.Add(append(append([]byte{0x45}, make([]byte, 19)...), reply(b[:])...), false)
	f.Add([]byte{typeReply6, 0}, true)
	f.Fuzz(func(t *testing.T, b []byte, six bool) {
		if cut, ok := cutIPv4(b); ok && len(cut) > len(b)-20 {
			t.Errorf("%d bytes of %d", len(cut), len(b))
		}
		e, ok := parseReply(b, six)
		if !ok {
			return
		}
		var again [packetLen]byte
		e.put(&again)
		if r := reply(again[:]); !bytes.Equal(r[headerLen-4:], b[headerLen-4:]) {
			t.Errorf("%x read and written is %x", b, r)
		}
	})
}

func BenchmarkPacket(b *testing.B) {
	e := testEcho
	var m [packetLen]byte
	e.put(&m)
	r := reply(m[:])
	h := history{bound: DefaultBound}
	w := watcher{bound: DefaultBound}
	w.joined(0, testAP)
	var now time.Duration
	b.ReportAllocs()
	for b.Loop() {
		now += 200 * ms
		e.number = h.send(now)
		e.put(&m)
		w.request(byPing, now)
		if _, ok := parseReply(r, false); !ok {
			b.Fatal("no answer")
		}
		h.answer(e.number, now, now+ms)
		w.answer(byPing, now+ms)
		w.judge(now + ms)
	}
}
