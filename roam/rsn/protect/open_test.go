package protect_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// frameOf returns a plain data or management frame to the access point with a
// body of n octets.
func frameOf(fc dot11.FrameControl, qos uint16, n int) []byte {
	h := dot11.Header{
		FC: fc, Duration: 44, Seq: 0x0120, QoS: qos,
		Addr1: dot11.Addr{2, 0, 0, 0, 0, 0x20}, Addr2: dot11.Addr{2, 0, 0, 0, 0, 0x10}, Addr3: dot11.Addr{2, 0, 0, 0, 0, 0x55},
	}
	return append(h.Append(nil), counting(n)...)
}

func TestNewKeyRefuses(t *testing.T) {
	for _, c := range []protect.Config{
		{Cipher: keys.CCMP128, TK: counting(32)},
		{Cipher: keys.GCMP256, TK: counting(16)},
		{Cipher: keys.CCMP128},
		{Cipher: keys.BIPCMAC128, TK: counting(16)},
		{Cipher: keys.Cipher(0x000fac02), TK: counting(32)},
		{},
	} {
		if _, err := protect.NewKey(c); !errors.Is(err, keys.ErrUnsupported) {
			t.Errorf("key of %d octets for %v: %v, want %v", len(c.TK), c.Cipher, err, keys.ErrUnsupported)
		}
	}
	for _, c := range []protect.Config{
		{Cipher: keys.CCMP128, TK: counting(16), ID: 4},
		{Cipher: keys.CCMP128, TK: counting(16), Window: -1},
		{Cipher: keys.CCMP128, TK: counting(16), Window: protect.MaxWindow + 1},
	} {
		if _, err := protect.NewKey(c); err == nil {
			t.Errorf("key with ID %d and window %d is made", c.ID, c.Window)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	group := frameOf(dot11.Deauth, 0, 2)
	copy(group[4:], bytes.Repeat([]byte{0xff}, 6))
	for _, test := range []struct {
		name  string
		frame []byte
		want  error
	}{
		{"null data", frameOf(dot11.NullData|dot11.ToDS, 0, 0), protect.ErrKind},
		{"QoS null data", frameOf(dot11.QoSNullData|dot11.ToDS, 0, 0), protect.ErrKind},
		{"group addressed deauthentication", group, protect.ErrKind},
		{"short header", frameOf(dot11.Data, 0, 0)[:23], dot11.ErrShort},
		{"nothing", nil, dot11.ErrShort},
	} {
		k := newKey(t, protect.Config{Cipher: keys.CCMP128, TK: counting(16)})
		if _, err := k.Seal(nil, test.frame, protect.Options{}); !errors.Is(err, test.want) {
			t.Errorf("seal %s: %v, want %v", test.name, err, test.want)
		}
		if k.Sent() != 0 {
			t.Errorf("%s uses a packet number", test.name)
		}
	}
	k := newKey(t, protect.Config{Cipher: keys.CCMP128, TK: counting(16)})
	if _, err := k.Seal(nil, frameOf(dot11.Data, 0, 1<<16), protect.Options{}); err == nil {
		t.Error("a body of 65536 octets is sealed")
	}
	if _, err := k.Seal(nil, append(unhex(t, "d4000000"), make([]byte, 30)...), protect.Options{}); err == nil {
		t.Error("a control frame is sealed")
	}
}

func TestPacketNumbersEnd(t *testing.T) {
	k := newKey(t, protect.Config{Cipher: keys.GCMP128, TK: counting(16)})
	k.SetSent(protect.MaxPN - 1)
	plain := frameOf(dot11.Data|dot11.ToDS, 0, 8)
	sealed, err := k.Seal(nil, plain, protect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := k.Open(nil, sealed, protect.Options{}); err != nil || opened.PN != protect.MaxPN {
		t.Errorf("the last packet number opens as %#x, %v", opened.PN, err)
	}
	if _, err := k.Seal(nil, plain, protect.Options{}); !errors.Is(err, protect.ErrExhausted) {
		t.Errorf("seal after the last packet number: %v, want %v", err, protect.ErrExhausted)
	}
	k.SetSent(protect.MaxPN + 5)
	if k.Sent() != protect.MaxPN {
		t.Errorf("the packet number goes to %#x", k.Sent())
	}
}

func TestOpenRefuses(t *testing.T) {
	sealer := newKey(t, protect.Config{Cipher: keys.CCMP128, ID: 1, TK: counting(16)})
	sealed, err := sealer.Seal(nil, frameOf(dot11.QoSData|dot11.ToDS, 3, 20), protect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, mask byte) []byte {
		b := bytes.Clone(sealed)
		b[at] ^= mask
		return b
	}
	k := newKey(t, protect.Config{Cipher: keys.CCMP128, ID: 1, TK: counting(16)})
	for _, test := range []struct {
		name  string
		frame []byte
		want  error
	}{
		{"plain frame", frameOf(dot11.QoSData|dot11.ToDS, 3, 40), protect.ErrUnprotected},
		{"no room for a packet number", sealed[:26+7], dot11.ErrShort},
		{"no room for a tag", sealed[:26+8+7], dot11.ErrShort},
		{"cut", sealed[:len(sealed)-1], protect.ErrTag},
		{"no extended IV", change(26+3, 0x20), protect.ErrKind},
		{"other key ID", change(26+3, 0xc0), protect.ErrKeyID},
		{"other packet number", change(26, 2), protect.ErrTag},
		{"packet number 0", change(26, 1), protect.ErrReplay},
		{"other destination", change(16, 4), protect.ErrTag},
		{"other TID", change(24, 1), protect.ErrTag},
		{"other fragment", change(22, 1), protect.ErrTag},
		{"null data", change(0, 0x40), protect.ErrKind},
	} {
		if _, err := k.Open(nil, test.frame, protect.Options{}); !errors.Is(err, test.want) {
			t.Errorf("open %s: %v, want %v", test.name, err, test.want)
		}
	}
	for tid := range 17 {
		if n := k.Received(tid); n != 0 {
			t.Errorf("a refused frame counts as packet %d of TID %d", n, tid)
		}
	}
	// What changes when a frame is sent again is not covered.
	again := change(1, byte((dot11.Retry|dot11.PowerMgmt|dot11.MoreData)>>8))
	again[2] ^= 0xff  // duration
	again[23] ^= 0xff // sequence number
	again[25] ^= 0xff // TXOP of QoS Control
	if _, err := k.Open(nil, again, protect.Options{}); err != nil {
		t.Errorf("open a retry: %v", err)
	}
	if _, err := k.Open(nil, sealed, protect.Options{}); !errors.Is(err, protect.ErrReplay) {
		t.Errorf("open what the retry was of: %v, want %v", err, protect.ErrReplay)
	}
}

func TestReplayCounters(t *testing.T) {
	sealer := newKey(t, protect.Config{Cipher: keys.GCMP256, TK: counting(32)})
	k := newKey(t, protect.Config{Cipher: keys.GCMP256, TK: counting(32)})
	seal := func(plain []byte) []byte {
		b, err := sealer.Seal(nil, plain, protect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := seal(frameOf(dot11.QoSData|dot11.ToDS, 0, 8))    // 1
	noQoS := seal(frameOf(dot11.Data|dot11.ToDS, 0, 8))       // 2
	voice := seal(frameOf(dot11.QoSData|dot11.ToDS, 6, 8))    // 3
	deauth := seal(frameOf(dot11.Deauth, 0, 2))               // 4
	later := seal(frameOf(dot11.QoSData|dot11.ToDS, 0, 8))    // 5
	top := seal(frameOf(dot11.QoSData|dot11.ToDS, 0x0f, 8))   // 6
	noTID := seal(frameOf(dot11.QoSData|dot11.ToDS, 0x10, 8)) // 7, TID 0 with EOSP
	type step struct {
		name  string
		frame []byte
		want  error
	}
	for _, s := range []step{
		{"later", later, nil},
		{"first, which is older", first, protect.ErrReplay},
		{"without QoS, which counts as TID 0", noQoS, protect.ErrReplay},
		{"another TID", voice, nil},
		{"management", deauth, nil},
		{"management again", deauth, protect.ErrReplay},
		{"the highest TID", top, nil},
		{"TID 0 with EOSP", noTID, nil},
	} {
		if _, err := k.Open(nil, s.frame, protect.Options{}); !errors.Is(err, s.want) {
			t.Errorf("open %s: %v, want %v", s.name, err, s.want)
		}
	}
	got := map[int]uint64{}
	for tid := -1; tid < 18; tid++ {
		if n := k.Received(tid); n != 0 {
			got[tid] = n
		}
	}
	if diff := cmp.Diff(map[int]uint64{0: 7, 6: 3, 15: 6, protect.ManagementTID: 4}, got); diff != "" {
		t.Errorf("highest of each TID (-want +got):\n%s", diff)
	}

	wide := newKey(t, protect.Config{Cipher: keys.GCMP256, TK: counting(32), Window: 64})
	for _, s := range []step{{"later", later, nil}, {"first", first, nil}, {"without QoS", noQoS, nil}, {"first again", first, protect.ErrReplay}} {
		if _, err := wide.Open(nil, s.frame, protect.Options{}); !errors.Is(err, s.want) {
			t.Errorf("open %s with a window: %v, want %v", s.name, err, s.want)
		}
	}

	started := newKey(t, protect.Config{Cipher: keys.GCMP256, TK: counting(32), Window: 64})
	started.SetReceived(4)
	for _, s := range []step{{"voice", voice, protect.ErrReplay}, {"deauthentication", deauth, protect.ErrReplay}, {"later", later, nil}} {
		if _, err := started.Open(nil, s.frame, protect.Options{}); !errors.Is(err, s.want) {
			t.Errorf("open %s after RSC 4: %v, want %v", s.name, err, s.want)
		}
	}
}

// Every cipher and length of body: what is sealed opens, no turned bit of what
// is covered does, and with room nothing is allocated.
func TestSealAndOpen(t *testing.T) {
	for cipher, overhead := range encryptions() {
		for _, n := range []int{0, 1, 15, 16, 17, 100} {
			sealer := newKey(t, protect.Config{Cipher: cipher, TK: counting(cipher.KeyLen())})
			if sealer.Overhead() != overhead {
				t.Errorf("%v adds %d octets, want %d", cipher.Name(), sealer.Overhead(), overhead)
			}
			plain := frameOf(dot11.QoSData|dot11.ToDS, 5, n)
			sealed, err := sealer.Seal([]byte("head"), plain, protect.Options{})
			if err != nil || !strings.HasPrefix(string(sealed), "head") || len(sealed) != 4+len(plain)+overhead {
				t.Fatalf("%v seals %d octets to %x, %v", cipher.Name(), n, sealed, err)
			}
			sealed = sealed[4:]
			inPlace := append(make([]byte, 0, 2*len(sealed)), plain...)
			sealer.SetSent(0)
			inPlace, err = sealer.Seal(inPlace[:0], inPlace, protect.Options{})
			if diff := cmp.Diff(sealed, inPlace); diff != "" || err != nil {
				t.Errorf("%v in place: %v (-want +got):\n%s", cipher.Name(), err, diff)
			}

			k := newKey(t, protect.Config{Cipher: cipher, TK: counting(cipher.KeyLen())})
			for at := 26; at < len(sealed); at++ {
				if at == 26+2 {
					continue // reserved octet
				}
				for bit := range 8 {
					if at == 26+3 && bit < 5 {
						continue // reserved bits
					}
					sealed[at] ^= 1 << bit
					if opened, err := k.Open(nil, sealed, protect.Options{}); err == nil {
						t.Fatalf("%v opens with bit %d of octet %d turned: %x", cipher.Name(), bit, at, opened.Frame)
					}
					sealed[at] ^= 1 << bit
				}
			}
			opened, err := k.Open([]byte("head"), sealed, protect.Options{})
			if diff := cmp.Diff(plain, opened.Frame); diff != "" || err != nil {
				t.Errorf("%v opened: %v (-want +got):\n%s", cipher.Name(), err, diff)
			}
			if diff := cmp.Diff(counting(n), opened.Body); diff != "" {
				t.Errorf("%v body (-want +got):\n%s", cipher.Name(), diff)
			}
		}
	}
}

func TestNothingAllocated(t *testing.T) {
	for cipher := range encryptions() {
		k := newKey(t, protect.Config{Cipher: cipher, TK: counting(cipher.KeyLen())})
		o := protect.Options{Link: oneLink(), Form: protect.LinkForm}
		plain := frameOf(dot11.QoSData|dot11.ToDS, 5, 1400)
		sealed, opened := make([]byte, 0, 2000), make([]byte, 0, 2000)
		n := testing.AllocsPerRun(50, func() {
			var err error
			if sealed, err = k.Seal(sealed[:0], plain, o); err != nil {
				t.Fatal(err)
			}
			if _, err = k.Open(opened, sealed, o); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%v allocates %v times", cipher.Name(), n)
		}
	}
}

func TestPacketNumberRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		frame []byte
		want  error
	}{
		{"nothing", nil, dot11.ErrShort},
		{"plain", frameOf(dot11.Data, 0, 20), protect.ErrUnprotected},
		{"short", frameOf(dot11.Data|dot11.Protected, 0, 7), dot11.ErrShort},
		{"WEP", frameOf(dot11.Data|dot11.Protected, 0, 20), protect.ErrKind},
	} {
		if _, _, err := protect.PacketNumber(test.frame); !errors.Is(err, test.want) {
			t.Errorf("packet number of %s: %v, want %v", test.name, err, test.want)
		}
	}
}
