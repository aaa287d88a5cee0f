package initramfs

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func vmlinux(t testing.TB, notes string) []byte {
	return elfFile(t, elf.ET_EXEC, map[string]string{".rodata": "Linux version %s \x00Linux version 6.99.1-test (x@y)"}, map[elf.ProgType]string{elf.PT_NOTE: notes})
}

// bzImage packs a kernel as the build of an x86 kernel does.
func bzImage(packed []byte, size int) []byte {
	const sects = 5
	b := make([]byte, (sects+1)*512)
	b[bzSetupSects] = sects
	copy(b[bzMagic:], "HdrS")
	binary.LittleEndian.PutUint16(b[bzProtocol:], 0x20f)
	binary.LittleEndian.PutUint16(b[bzVersionString:], 0x400)
	copy(b[0x600:], "6.99.1-test (x@y) #1\x00")
	packed = binary.LittleEndian.AppendUint32(packed[:len(packed):len(packed)], uint32(size))
	binary.LittleEndian.PutUint32(b[bzPayload:], 64)
	binary.LittleEndian.PutUint32(b[bzPayload+4:], uint32(len(packed)))
	return append(append(append(b, make([]byte, 64)...), packed...), "after it"...)
}

func TestParseKernel(t *testing.T) {
	direct := vmlinux(t, note("GNU\x00", 3, "12345")+note("Xen\x00", xenPhys32Entry, "1234"))
	indirect := vmlinux(t, note("GNU\x00", 3, "12345"))
	tests := map[string]struct {
		file   []byte
		direct bool
		image  []byte
		err    bool
	}{
		"gzip":            {file: bzImage(compressGzip(t, direct), len(direct)), direct: true, image: direct},
		"xz":              {file: bzImage(compressXZ(t, direct), len(direct)), direct: true, image: direct},
		"zstd":            {file: bzImage(compressZstd(t, direct), len(direct)), direct: true, image: direct},
		"no direct entry": {file: bzImage(compressZstd(t, indirect), len(indirect))},
		"other packing":   {file: bzImage([]byte("LZOLZOLZO"), len(direct))},
		"size is wrong":   {file: bzImage(compressGzip(t, direct), len(direct)+1)},
		"size is huge":    {file: bzImage(compressGzip(t, direct), 1<<31)},
		"vmlinux":         {file: direct, direct: true, image: direct},
		"vmlinux without": {file: indirect, err: true},
		"text":            {file: []byte(strings.Repeat("no kernel ", 100)), err: true},
		"empty":           {file: nil, err: true},
	}
	for name, tt := range tests {
		k, err := ParseKernel(tt.file)
		if tt.err {
			if !errors.Is(err, ErrNoKernel) {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		if tt.image == nil {
			tt.image = tt.file
		}
		if err != nil || k.Direct != tt.direct || k.Release != "6.99.1-test" || !bytes.Equal(k.Image, tt.image) {
			t.Errorf("%s: direct %v, release %q, %d bytes, error %v", name, k.Direct, k.Release, len(k.Image), err)
		}
	}
}

// lz4 as the kernel's build makes it has another frame than the library writes.
func TestParseKernelLZ4(t *testing.T) {
	if _, err := exec.LookPath("lz4"); err != nil {
		t.Skip("no lz4 on this machine")
	}
	direct := vmlinux(t, note("Xen\x00", xenPhys32Entry, "1234"))
	plain := filepath.Join(t.TempDir(), "vmlinux")
	if err := os.WriteFile(plain, direct, 0o644); err != nil {
		t.Fatal(err)
	}
	packed, err := exec.Command("lz4", "-l", "-9", "-c", plain).Output()
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKernel(bzImage(packed, len(direct)))
	if err != nil || !k.Direct || !bytes.Equal(k.Image, direct) {
		t.Errorf("direct %v, %d bytes, error %v", k.Direct, len(k.Image), err)
	}
}

func FuzzParseKernel(f *testing.F) {
	direct := vmlinux(f, note("Xen\x00", xenPhys32Entry, "1234"))
	f.Add(direct)
	f.Add(bzImage(compressGzip(f, direct), len(direct)))
	f.Add(bzImage(compressZstd(f, direct), len(direct)))
	f.Fuzz(func(t *testing.T, b []byte) {
		// What a hostile image may make it unpack is bounded, but slow.
		if len(b) > bzHeaderEnd && len(b) > 1<<16 {
			t.Skip()
		}
		k, err := ParseKernel(b)
		if err != nil {
			return
		}
		if strings.ContainsAny(k.Release, "/\n\x00 ") {
			t.Errorf("release %q", k.Release)
		}
		if k.Direct != bytes.HasPrefix(k.Image, []byte(elf.ELFMAG)) {
			t.Errorf("direct %v of %.4q", k.Direct, k.Image)
		}
	})
}
