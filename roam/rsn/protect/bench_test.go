package protect_test

import (
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// benchBody is the body of a full Ethernet frame.
const benchBody = 1508

func BenchmarkSeal(b *testing.B) {
	for n := range uint8(4) {
		c := cipherOf(n)
		b.Run(c.Name(), func(b *testing.B) {
			k := newKey(b, protect.Config{Cipher: c, TK: counting(c.KeyLen())})
			o := protect.Options{Link: oneLink()}
			plain, out := frameOf(dot11.QoSData|dot11.ToDS, 0, benchBody), make([]byte, 0, 2000)
			b.ReportAllocs()
			b.SetBytes(benchBody)
			for b.Loop() {
				var err error
				if out, err = k.Seal(out[:0], plain, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for n := range uint8(4) {
		c := cipherOf(n)
		b.Run(c.Name(), func(b *testing.B) {
			k := newKey(b, protect.Config{Cipher: c, TK: counting(c.KeyLen())})
			o := protect.Options{Link: oneLink()}
			sealed, err := k.Seal(nil, frameOf(dot11.QoSData|dot11.ToDS, 0, benchBody), o)
			if err != nil {
				b.Fatal(err)
			}
			out := make([]byte, 0, 2000)
			b.ReportAllocs()
			b.SetBytes(benchBody)
			for b.Loop() {
				k.SetReceived(0)
				if _, err := k.Open(out, sealed, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProtectBeacon(b *testing.B) {
	for _, c := range []keys.Cipher{keys.BIPCMAC128, keys.BIPCMAC256, keys.BIPGMAC128, keys.BIPGMAC256} {
		b.Run(c.Name(), func(b *testing.B) {
			k := newIntegrityKey(b, c, 6, counting(c.KeyLen()))
			beacon := append(unhex(b, annexBeacon), make([]byte, 350)...)
			out := make([]byte, 0, 500)
			b.ReportAllocs()
			b.SetBytes(int64(len(beacon)))
			for b.Loop() {
				var err error
				if out, err = k.Protect(out[:0], beacon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
