package protect_test

import (
	"bytes"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// cipherOf picks one of the four ciphers.
func cipherOf(n uint8) keys.Cipher {
	return [...]keys.Cipher{keys.CCMP128, keys.CCMP256, keys.GCMP128, keys.GCMP256}[n%4]
}

func optionsOf(n uint8) protect.Options {
	o := protect.Options{Form: protect.Form(n & 1)}
	if n&2 != 0 {
		o.Link = oneLink()
	}
	return o
}

// What Open accepts is what Seal makes of its result, but for the reserved bits
// of the packet number's header.
func FuzzOpen(f *testing.F) {
	for n := range uint8(4) {
		k := newKey(f, protect.Config{Cipher: cipherOf(n), TK: counting(cipherOf(n).KeyLen())})
		for _, plain := range [][]byte{
			frameOf(dot11.QoSData|dot11.ToDS, 5, 30),
			frameOf(dot11.QoSData|dot11.ToDS|dot11.FromDS|dot11.HTControl, 0x85, 1),
			frameOf(dot11.Deauth, 0, 2),
		} {
			for options := range uint8(4) {
				sealed, err := k.Seal(nil, plain, optionsOf(options))
				if err != nil {
					f.Fatal(err)
				}
				f.Add(n, options, sealed)
			}
		}
	}
	f.Add(uint8(0), uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, cipher, options uint8, frame []byte) {
		before := bytes.Clone(frame)
		config := protect.Config{Cipher: cipherOf(cipher), TK: counting(cipherOf(cipher).KeyLen())}
		k := newKey(t, config)
		o := optionsOf(options)
		opened, err := k.Open(nil, frame, o)
		if !bytes.Equal(before, frame) {
			t.Fatal("open changes the frame")
		}
		if err != nil {
			return
		}
		if _, err := k.Open(nil, frame, o); err == nil {
			t.Fatal("it opens twice")
		}
		o.Form = opened.Form
		k.SetSent(opened.PN - 1)
		again, err := k.Seal(nil, opened.Frame, o)
		if err != nil {
			t.Fatalf("seal of what was opened: %v", err)
		}
		at := opened.Header.Len()
		again[at+2] = frame[at+2]
		again[at+3] |= frame[at+3] & 0x1f
		if !bytes.Equal(again, frame) {
			t.Fatalf("%x opens to %x, which seals to %x", frame, opened.Frame, again)
		}
	})
}

// uncovered returns the bits of a sealed frame that its tag does not cover:
// what changes when it is sent again, and what is reserved.
func uncovered(sealed []byte) []byte {
	mask := make([]byte, len(sealed))
	h, body, err := dot11.ParseHeader(sealed)
	if err != nil {
		return mask
	}
	mask[1] = byte((dot11.Retry | dot11.PowerMgmt | dot11.MoreData) >> 8)
	if h.FC.Data() {
		mask[0] = 0x70
	}
	mask[2], mask[3] = 0xff, 0xff
	mask[22], mask[23] = 0xf0, 0xff
	at := len(sealed) - len(body)
	mask[at+2], mask[at+3] = 0xff, 0x1f
	fixed := 24
	if h.FC.Data() && h.FC&dot11.ToDS != 0 && h.FC&dot11.FromDS != 0 {
		fixed += 6
	}
	for i := fixed; i < at; i++ {
		mask[i] = 0xff // QoS Control and HT Control
	}
	if h.FC.QoS() {
		mask[fixed] = 0xf0 // but the TID
	}
	return mask
}

// No turned bit of what the tag covers opens, and the frame as it was does.
func FuzzTurnedBit(f *testing.F) {
	f.Add(uint8(0), uint8(0), frameOf(dot11.QoSData|dot11.ToDS, 5, 30), uint16(300))
	f.Add(uint8(1), uint8(2), frameOf(dot11.QoSData|dot11.ToDS|dot11.FromDS|dot11.HTControl, 0x85, 1), uint16(14))
	f.Add(uint8(2), uint8(3), frameOf(dot11.Deauth, 0, 2), uint16(200))
	f.Add(uint8(3), uint8(1), frameOf(dot11.Data, 0, 0), uint16(1))
	f.Fuzz(func(t *testing.T, cipher, options uint8, plain []byte, turn uint16) {
		k := newKey(t, protect.Config{Cipher: cipherOf(cipher), TK: counting(cipherOf(cipher).KeyLen())})
		o := optionsOf(options)
		sealed, err := k.Seal(nil, plain, o)
		if err != nil {
			return
		}
		at, bit := int(turn/8)%len(sealed), byte(1)<<(turn%8)
		turned := bytes.Clone(sealed)
		turned[at] ^= bit
		fresh := newKey(t, protect.Config{Cipher: cipherOf(cipher), TK: counting(cipherOf(cipher).KeyLen())})
		if opened, err := fresh.Open(nil, turned, o); err == nil && uncovered(sealed)[at]&bit == 0 {
			t.Fatalf("%x opens to %x, with bit %#02x of octet %d turned", turned, opened.Frame, bit, at)
		}
		opened, err := k.Open(nil, sealed, o)
		if err != nil || !bytes.Equal(opened.Frame, plainFlag(plain)) {
			t.Fatalf("%x opens to %x, %v, want %x", sealed, opened.Frame, err, plain)
		}
	})
}

// What Verify accepts is what Protect makes of its result.
func FuzzVerify(f *testing.F) {
	pick := func(n uint8) keys.Cipher {
		return [...]keys.Cipher{keys.BIPCMAC128, keys.BIPCMAC256, keys.BIPGMAC128, keys.BIPGMAC256}[n%4]
	}
	for n := range uint8(4) {
		k := newIntegrityKey(f, pick(n), 4, counting(pick(n).KeyLen()))
		for _, plain := range []string{annexDeauth, annexBeacon} {
			sealed, err := k.Protect(nil, unhex(f, plain))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(n, sealed)
		}
	}
	f.Add(uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, cipher uint8, frame []byte) {
		k := newIntegrityKey(t, pick(cipher), 4, counting(pick(cipher).KeyLen()))
		plain, ipn, err := k.Verify(frame)
		if err != nil {
			return
		}
		if _, _, err := k.Verify(frame); err == nil {
			t.Fatal("it is verified twice")
		}
		if id, ok := protect.KeyIDOfMME(frame); id != 4 || !ok {
			t.Fatalf("its MME names key %d, %v", id, ok)
		}
		k.SetSent(ipn - 1)
		again, err := k.Protect(nil, plain)
		if err != nil || !bytes.Equal(again, frame) {
			t.Fatalf("%x is verified to %x, which is protected to %x, %v", frame, plain, again, err)
		}
	})
}

// Memory that overlaps is a caller's mistake that costs the frame, not the
// program.
func TestOverlapDoesNotPanic(t *testing.T) {
	for cipher := range encryptions() {
		for shift := range 64 {
			k := newKey(t, protect.Config{Cipher: cipher, TK: counting(cipher.KeyLen())})
			buf := make([]byte, 512)
			frame := buf[64 : 64+copy(buf[64:], frameOf(dot11.QoSData, 1, 100))]
			sealed, err := k.Seal(buf[:32+shift], frame, protect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = k.Open(sealed[:shift], sealed[32+shift:], protect.Options{})
		}
	}
}
