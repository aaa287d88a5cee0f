package initramfs

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Offsets into a bzImage (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel
// Header").
const (
	bzSetupSects    = 0x1f1
	bzMagic         = 0x202 // "HdrS"
	bzProtocol      = 0x206
	bzVersionString = 0x20e
	bzPayload       = 0x248
	bzHeaderEnd     = 0x250
	bzPayloadSince  = 0x208 // protocol 2.08 brought the payload's place
	vmlinuxLimit    = 512 << 20
)

// ErrNoKernel is what ParseKernel wraps where a file is no kernel it knows.
var ErrNoKernel = errors.New("neither a bzImage nor an x86-64 vmlinux")

// A Kernel is a kernel image of x86.
type Kernel struct {
	// Release is what uname -r will say; empty where the image does not tell.
	Release string
	// Image is what QEMU is given: the vmlinux of the bzImage where it can be
	// started as it is, which spares the guest its decompression, else the
	// image itself.
	Image []byte
	// Direct reports that Image is such a vmlinux.
	Direct bool
}

// ParseKernel reads a kernel image.
func ParseKernel(b []byte) (Kernel, error) {
	if bytes.HasPrefix(b, []byte(elf.ELFMAG)) {
		if !startsDirectly(b) {
			return Kernel{}, fmt.Errorf("read a kernel: a vmlinux without an entry point for direct boot (CONFIG_PVH): %w", ErrNoKernel)
		}
		return Kernel{Release: releaseOf(b), Image: b, Direct: true}, nil
	}
	if len(b) < bzHeaderEnd || string(b[bzMagic:bzMagic+4]) != "HdrS" {
		return Kernel{}, fmt.Errorf("read a kernel: %w", ErrNoKernel)
	}
	k := Kernel{Image: b}
	if at := int(binary.LittleEndian.Uint16(b[bzVersionString:])); at != 0 && at+0x200 < len(b) {
		text, _, _ := bytes.Cut(b[at+0x200:min(at+0x400, len(b))], []byte{0})
		k.Release = firstWord(text)
	}
	if vmlinux, err := payload(b); err == nil && startsDirectly(vmlinux) {
		k.Image, k.Direct = vmlinux, true
	}
	return k, nil
}

func firstWord(text []byte) string {
	word, _, _ := bytes.Cut(text, []byte(" "))
	for _, c := range word {
		if c <= ' ' || c > '~' || c == '/' {
			return ""
		}
	}
	return string(word)
}

// releaseOf finds the release in the banner that every vmlinux holds
// (init/version.c, linux_banner).
func releaseOf(vmlinux []byte) string {
	const banner = "Linux version "
	for rest := vmlinux; ; {
		i := bytes.Index(rest, []byte(banner))
		if i < 0 {
			return ""
		}
		rest = rest[i+len(banner):]
		if word := firstWord(rest[:min(len(rest), 128)]); strings.Contains(word, ".") {
			return word
		}
	}
}

// payload returns the vmlinux a bzImage holds. Its last four bytes tell its
// size (scripts/Makefile.lib, size_append; gzip has the same by itself).
func payload(b []byte) ([]byte, error) {
	if binary.LittleEndian.Uint16(b[bzProtocol:]) < bzPayloadSince {
		return nil, errors.New("a kernel too old to tell where its payload is")
	}
	sects := int(b[bzSetupSects])
	if sects == 0 {
		sects = 4
	}
	start := uint64(sects+1)*512 + uint64(binary.LittleEndian.Uint32(b[bzPayload:]))
	end := start + uint64(binary.LittleEndian.Uint32(b[bzPayload+4:]))
	if end > uint64(len(b)) || start+8 > end {
		return nil, errors.New("a payload outside of the image")
	}
	packed := b[start:end]
	size := binary.LittleEndian.Uint32(packed[len(packed)-4:])
	if size > vmlinuxLimit {
		return nil, fmt.Errorf("a vmlinux of %d bytes", size)
	}
	r, name, err := decompressor(packed)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errors.New("a compression not known here")
	}
	var out bytes.Buffer
	n, err := io.CopyN(&out, r, int64(size))
	if err != nil {
		return nil, fmt.Errorf("decompress %d of %d bytes: %w", n, size, err)
	}
	return out.Bytes(), nil
}

// xenPhys32Entry is the note that names the entry point for a direct boot
// (include/xen/interface/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY).
const xenPhys32Entry = 18

// startsDirectly reports whether QEMU can start the vmlinux without a boot
// loader's help.
func startsDirectly(b []byte) bool {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil || f.Machine != elf.EM_X86_64 {
		return false
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_NOTE || p.Filesz > 1<<20 {
			continue
		}
		notes := make([]byte, p.Filesz)
		if _, err := p.ReadAt(notes, 0); err != nil {
			continue
		}
		if hasNote(notes, "Xen\x00", xenPhys32Entry) {
			return true
		}
	}
	return false
}

func hasNote(notes []byte, owner string, kind uint32) bool {
	for len(notes) >= 12 {
		nameSize := uint64(binary.LittleEndian.Uint32(notes))
		descSize := uint64(binary.LittleEndian.Uint32(notes[4:]))
		t := binary.LittleEndian.Uint32(notes[8:])
		descAt := 12 + (nameSize+3)&^3
		next := descAt + (descSize+3)&^3
		if next > uint64(len(notes)) {
			return false
		}
		if t == kind && string(notes[12:12+nameSize]) == owner {
			return true
		}
		notes = notes[next:]
	}
	return false
}
