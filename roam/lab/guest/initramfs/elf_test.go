package initramfs

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// elfFile makes an ELF file for x86-64 with the sections and segments.
func elfFile(t testing.TB, kind elf.Type, sections map[string]string, segments map[elf.ProgType]string) []byte {
	t.Helper()
	const headerSize, progSize, sectionSize = 64, 56, 64
	names := "\x00"
	headers := []elf.Section64{{}}
	var progs []elf.Prog64
	var body bytes.Buffer
	at := func() uint64 { return uint64(headerSize + len(segments)*progSize + body.Len()) }
	for typ, data := range segments {
		progs = append(progs, elf.Prog64{Type: uint32(typ), Off: at(), Filesz: uint64(len(data)), Memsz: uint64(len(data))})
		body.WriteString(data)
	}
	sections[".shstrtab"] = ""
	for name, data := range sections {
		h := elf.Section64{Name: uint32(len(names)), Type: uint32(elf.SHT_PROGBITS)}
		names += name + "\x00"
		if name == ".shstrtab" {
			continue
		}
		h.Off, h.Size = at(), uint64(len(data))
		body.WriteString(data)
		headers = append(headers, h)
	}
	headers = append(headers, elf.Section64{
		Name: uint32(bytes.Index([]byte(names), []byte(".shstrtab"))), Type: uint32(elf.SHT_STRTAB), Off: at(), Size: uint64(len(names)),
	})
	body.WriteString(names)
	head := elf.Header64{
		Type: uint16(kind), Machine: uint16(elf.EM_X86_64), Version: 1,
		Phoff: headerSize, Phentsize: progSize, Phnum: uint16(len(progs)), Ehsize: headerSize,
		Shoff: at(), Shentsize: sectionSize, Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1),
	}
	copy(head.Ident[:], elf.ELFMAG)
	head.Ident[elf.EI_CLASS], head.Ident[elf.EI_DATA], head.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	var out bytes.Buffer
	for _, part := range []any{head, progs, body.Bytes(), headers} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// note is one ELF note.
func note(owner string, kind uint32, desc string) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(owner)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(desc)))
	b = binary.LittleEndian.AppendUint32(b, kind)
	return string(pad(append(pad(append(b, owner...)), desc...)))
}
