package journalfile

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func packZSTD(tb testing.TB, b []byte) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func allPackings() []packing {
	return append(packings(), packing{"zstd", packedZSTD, packZSTD})
}

// TestUnpackBegin unpacks payloads of all sizes: whole where they are small, the
// begin of the large.
func TestUnpackBegin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var u unpacker
	defer u.close()
	for _, size := range []int{80, 1000, maxPayload - 1, maxPayload, maxPayload + 1, wholeZSTD, wholeZSTD + 1, 1 << 20, 5 << 20} {
		for _, word := range []int{1, 40, 3000} {
			whole := bytes.Repeat([]byte(noise(rng, word)), size/word+1)[:size]
			for i := 0; i < size; i += 997 {
				whole[i] = byte('a' + rng.IntN(26))
			}
			for _, p := range allPackings() {
				packed := p.pack(t, whole)
				if len(packed) >= len(whole) {
					continue
				}
				got, err := u.unpack(p.flag, packed[:min(len(packed), maxPacked)])
				if err != nil || !bytes.Equal(got.b, whole[:min(size, maxPayload)]) {
					t.Errorf("%s of %d bytes, words of %d: %d bytes, %v", p.name, size, word, len(got.b), err)
				}
				if got.size >= 0 && got.size != int64(size) {
					t.Errorf("%s of %d bytes: said to be %d", p.name, size, got.size)
				}
			}
		}
	}
}

// TestUnpackBomb unpacks gigabytes in little memory.
func TestUnpackBomb(t *testing.T) {
	const claimed = 4 << 30
	for _, p := range allPackings() {
		size := 8 << 20
		if p.flag == packedLZ4 {
			// One match, whose length alone is longer than what is looked at.
			size = 64 << 20
		}
		zeros := make([]byte, size)
		copy(zeros, "MESSAGE=")
		packed := p.pack(t, zeros)
		if p.flag == packedLZ4 {
			copy(packed, []byte{0, 0, 0, 0, 1, 0, 0, 0}) // 4 GiB
		}
		packed = packed[:min(len(packed), maxPacked)]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var u unpacker
		got, err := u.unpack(p.flag, packed)
		runtime.ReadMemStats(&after)
		u.close()
		if err != nil || len(got.b) != maxPayload || string(got.b[:9]) != "MESSAGE=\x00" {
			t.Errorf("%s: %d bytes, %v", p.name, len(got.b), err)
		}
		if p.flag == packedLZ4 && got.size != claimed {
			t.Errorf("%s: said to be %d", p.name, got.size)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("%s: %d bytes of memory", p.name, used)
		}
	}
}

// TestUnpackDamage unpacks what is damaged without harm.
func TestUnpackDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var u unpacker
	defer u.close()
	whole := []byte("MESSAGE=" + string(bytes.Repeat([]byte(noise(rng, 300)), 20)))
	for _, p := range allPackings() {
		packed := p.pack(t, whole)
		wrong := 0
		for range 3000 {
			b := bytes.Clone(packed)
			for range 1 + rng.IntN(3) {
				b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			}
			b = b[:len(b)-rng.IntN(len(b))*rng.IntN(2)]
			got, err := u.unpack(p.flag, b)
			if len(got.b) > maxPayload {
				t.Fatalf("%s: %d bytes", p.name, len(got.b))
			}
			if err != nil || !bytes.Equal(got.b, whole) {
				wrong++
			}
		}
		if wrong < 1000 {
			t.Errorf("%s: only %d of 3000 damaged payloads differ", p.name, wrong)
		}
		for _, b := range [][]byte{nil, {0}, packed[:7], packed[:12], packed[:min(len(packed), 20)]} {
			if got, err := u.unpack(p.flag, b); err == nil && bytes.Equal(got.b, whole) {
				t.Errorf("%s: %d bytes were enough", p.name, len(b))
			}
		}
	}
	if _, err := u.unpack(0x40, whole); err == nil {
		t.Error("a packing of no name")
	}
}
