package rsn

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

func TestParseEAPOL(t *testing.T) {
	tests := []struct {
		name, frame string
		want        EAPOL
		rest        string
		err         error
	}{
		{"start", "01010000", EAPOL{1, EAPOLStart, []byte{}}, "", nil},
		{"logoff and padding", "020200000000", EAPOL{2, EAPOLLogoff, []byte{}}, "0000", nil},
		{"packet", "0300000202ff", EAPOL{3, EAPOLPacket, []byte{2, 0xff}}, "", nil},
		{"unknown type", "02090000", EAPOL{2, 9, []byte{}}, "", nil},
		{"empty", "", EAPOL{}, "", dot11.ErrShort},
		{"header cut", "020300", EAPOL{}, "", dot11.ErrShort},
		{"body cut", "0203000201", EAPOL{}, "", dot11.ErrShort},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, rest, err := ParseEAPOL(unhex(t, test.frame))
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !bytes.Equal(rest, unhex(t, test.rest)) {
				t.Errorf("rest %x, want %s", rest, test.rest)
			}
			if err != nil {
				return
			}
			b, err := got.Append(nil)
			if err != nil || !bytes.Equal(append(b, rest...), unhex(t, test.frame)) {
				t.Errorf("it is sent as %x: %v", b, err)
			}
		})
	}
	if _, err := (EAPOL{Body: make([]byte, 1<<16)}).Append(nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("a body too long: %v", err)
	}
}

func TestEAPOLTypeNames(t *testing.T) {
	for typ, want := range map[EAPOLType]string{EAPOLPacket: "EAP-Packet", EAPOLStart: "EAPOL-Start", EAPOLLogoff: "EAPOL-Logoff", EAPOLKey: "EAPOL-Key", 9: "EAPOL type 9"} {
		if got := typ.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestKeyFrame(t *testing.T) {
	want := KeyFrame{
		Version: 1, Descriptor: DescriptorRSN, Info: InfoPairwise | InfoAck | 2, KeyLen: 0x0110,
		Replay: 0x0102030405060708, Nonce: keys.Nonce(octets(32, 0x10)), IV: [16]byte(octets(16, 0x40)),
		RSC: 0x665544332211, Reserved: [8]byte(octets(8, 0x60)), MIC: octets(16, 0x70), Data: []byte{0xaa, 0xbb},
	}
	frame := "01030061" + "02" + "008a" + "0110" + "0102030405060708" +
		"101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f" +
		"404142434445464748494a4b4c4d4e4f" + "1122334455660000" + "6061626364656667" +
		"707172737475767778797a7b7c7d7e7f" + "0002" + "aabb"
	got, err := ParseKeyFrame(unhex(t, frame+"0000"), 16)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b, err := got.Append(nil)
	if err != nil || !bytes.Equal(b, unhex(t, frame)) {
		t.Errorf("it is sent as %x: %v", b, err)
	}
	if v := got.Info.Version(); v != 2 {
		t.Errorf("version %d", v)
	}

	bad := []struct {
		name, frame string
		mic         int
		err         error
	}{
		{"MIC of another length", frame, 15, ErrMalformed},
		{"MIC longer than the frame", frame, 32, dot11.ErrShort},
		{"negative MIC", frame, -1, dot11.ErrShort},
		{"EAPOL-Start", "02010000", 16, ErrKind},
		{"cut", frame[:180], 16, dot11.ErrShort},
		{"empty body", "02030000", 16, dot11.ErrShort},
	}
	for _, test := range bad {
		if f, err := ParseKeyFrame(unhex(t, test.frame), test.mic); !errors.Is(err, test.err) {
			t.Errorf("%s: %+v, error %v, want %v", test.name, f, err, test.err)
		}
	}
	long := KeyFrame{Data: make([]byte, 1<<16)}
	if _, err := long.Append(nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("key data too long: %v", err)
	}
}

func TestKind(t *testing.T) {
	nonce := keys.Nonce{1}
	tests := []struct {
		info  KeyInfo
		nonce keys.Nonce
		want  Kind
	}{
		{0x0088, nonce, Message1},
		{0x0288, nonce, Message1},
		{0x008a, nonce, Message1},
		{0x0108, nonce, Message2},
		{0x0308, nonce, Message2},
		{0x13c8, nonce, Message3},
		{0x0308, keys.Nonce{}, Message4},
		{0x1380, keys.Nonce{}, GroupMessage1},
		{0x0300, keys.Nonce{}, GroupMessage2},
		{0x0b00, keys.Nonce{}, Request},
		{0x0b08, keys.Nonce{}, Request},
		{0x0f00, keys.Nonce{}, Request},
		{0x0880, nonce, 0}, // a request that wants an answer
		{0x0800, nonce, 0}, // an unsigned request
		{0x2088, nonce, 0}, // SMK
		{0x0008, nonce, 0}, // pairwise, and nothing else
		{0x0080, nonce, 0}, // group keys unsigned
		{0, nonce, 0},
	}
	for _, test := range tests {
		f := KeyFrame{Info: test.info, Nonce: test.nonce}
		got, err := f.Kind()
		if got != test.want || (err == nil) != (test.want != 0) {
			t.Errorf("%#04x: %v, %v; want %v", uint16(test.info), got, err, test.want)
		}
	}
	for kind, want := range map[Kind]string{Message3: "message 3", GroupMessage2: "group message 2", Request: "request", 0: "kind 0", 99: "kind 99"} {
		if got := kind.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestResultNames(t *testing.T) {
	for r, want := range map[Result]string{Pending: "pending", Established: "established", Rekeyed: "rekeyed", Failed: "failed", 9: "unknown"} {
		if got := r.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
