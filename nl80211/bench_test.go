package nl80211

import "testing"

// A busy place: 200 access points of two kinds.
func BenchmarkScanResults(b *testing.B) {
	elements := append(mldElements().Append(nil), make([]byte, 300)...)
	answer := join(num32(46, 5), num32(3, 7), num64(153, 1), list(47,
		address(1, apLink(1)), flag(14), num64(3, 1000), attribute(6, elements), num64(13, 900), attribute(11, elements),
		num16(4, 100), num16(5, 0x1511), num32(2, 5180), num32(20, 0), num32(12, 0), num32(10, 250), num32(7, 0xffffec78)))
	const count = 200
	b.SetBytes(int64(count * len(answer)))
	b.ReportAllocs()
	results := make([]BSS, count)
	for b.Loop() {
		for i := range results {
			results[i] = BSS{}
			if err := decode(answer, results[i].take); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkMLD(b *testing.B) {
	bss := BSS{BSSID: apLink(1), Raw: mldElements().Append(nil)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bss.MLD(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStation(b *testing.B) {
	answer := stationAnswer().Data
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		var s Station
		if err := decode(answer, s.take); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	answer := join(num32(1, 3), num32(3, 7), attribute(51, mgmt(0x00c0, false, 6, 0)))
	b.ReportAllocs()
	for b.Loop() {
		if e := DecodeEvent(Stamp{}, CommandDeauthenticate, answer); e.Interface != 7 {
			b.Fatal(e)
		}
	}
}
