package doctor

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// moduleInfo is what a module's file says of itself (its section .modinfo, as
// modinfo(8) prints it).
type moduleInfo struct {
	srcVersion string
	inTree     bool     // built with the kernel
	firmware   []string // files below the firmware directory
	buildID    string   // in hex, of the linker's note
	err        error
}

// What is read at most of a module's file, and of the firmware it names.
const (
	mostModule   = 24 << 20
	mostFirmware = 256
)

// info reads a module's file once.
func (m *machine) info(file string) moduleInfo {
	info, ok := m.infos[file]
	if !ok {
		if b, err := m.moduleData(file); err != nil {
			info.err = fmt.Errorf("read %s: %w", file, err)
		} else if info, err = parseModule(b); err != nil {
			info.err = fmt.Errorf("read %s: %w", file, err)
		}
		m.infos[file] = info
	}
	return info
}

// modulePath is where a file of modules.dep is.
func (m *machine) modulePath(file string) string {
	if rooted, ok := strings.CutPrefix(file, "/"); ok {
		return path.Clean(rooted)
	}
	return path.Join(m.modules.dir, file)
}

// moduleData returns a module's file without its compression.
func (m *machine) moduleData(file string) ([]byte, error) {
	f, err := m.Files.Open(m.modulePath(file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	switch path.Ext(file) {
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".xz":
		r, err = xz.ReaderConfig{DictCap: 1 << 20}.NewReader(f)
	case ".zst":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostModule)); err == nil {
			defer z.Close()
			r = z
		}
	}
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, mostModule+1))
	if err != nil {
		return nil, err
	}
	if len(b) > mostModule {
		return nil, fmt.Errorf("more than %d bytes", mostModule)
	}
	return b, nil
}

func parseModule(b []byte) (moduleInfo, error) {
	var info moduleInfo
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return info, err
	}
	section := f.Section(".modinfo")
	if section == nil || section.Size > uint64(len(b)) {
		return info, errors.New("no .modinfo in it")
	}
	data, err := section.Data()
	if err != nil {
		return info, err
	}
	for text := range bytes.SplitSeq(data, []byte{0}) {
		key, value, _ := strings.Cut(string(text), "=")
		switch key {
		case "srcversion":
			info.srcVersion = value
		case "intree":
			info.inTree = value == "Y"
		case "firmware":
			if len(info.firmware) < mostFirmware {
				info.firmware = append(info.firmware, value)
			}
		}
	}
	if section := f.Section(buildIDNote); section != nil && section.Size <= mostValue {
		if note, err := section.Data(); err == nil {
			info.buildID = hex.EncodeToString(note)
		}
	}
	return info, nil
}

// buildIDNote is the section with the linker's hash, which the kernel shows of a
// loaded module as a file (kernel/module/sysfs.c, add_notes_attrs).
const buildIDNote = ".note.gnu.build-id"
