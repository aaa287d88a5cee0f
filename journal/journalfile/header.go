package journalfile

import (
	"encoding/hex"
	"errors"
	"fmt"

	"roamfault/journal"
)

// The causes of a [journal.FileError] that this package adds to those of the
// operating system.
var (
	// ErrNotJournal: the file does not begin as a journal file does.
	ErrNotJournal = errors.New("is not a systemd journal file")
	// ErrEmpty: the file has no content yet, or lost it.
	ErrEmpty = errors.New("is empty or cut off within its header")
	// ErrUnsupported: the file needs a feature that is not known here.
	ErrUnsupported = errors.New("was written by a newer systemd, read it with journalctl -o export --file")
)

// The flags of a file that change how it is read (journal-def.h). Those of
// compression only announce the flags of objects.
const (
	flagKeyedHash = 1 << 2
	flagCompact   = 1 << 4
	flagsKnown    = 1<<5 - 1
)

const (
	stateOffline  = 0
	stateOnline   = 1
	stateArchived = 2
)

// minHeader is the size of the oldest header, maxHeader that of the newest one
// with room for those to come.
const (
	minHeader = 208
	useHeader = 216 // what is read of it
	maxHeader = 4096
)

// id is one of the 128-bit identifiers.
type id [16]byte

func (i id) String() string { return hex.EncodeToString(i[:]) }

// header holds the fields of a file's header that are of use.
type header struct {
	flags        uint32
	state        byte
	fileID       id
	machineID    id
	tailBoot     id
	seqnumID     id
	size         uint64
	arena        uint64
	dataTable    uint64 // offset of the buckets
	dataTableLen uint64 // bytes
	fieldTable   uint64
	fieldLen     uint64
	tailObject   uint64
	objects      uint64
	entries      uint64
	tailSeqnum   uint64
	headSeqnum   uint64
	entryArray   uint64
	headRealtime uint64
	tailRealtime uint64
	data         uint64 // how many data objects there are, 0 in files before systemd 187
}

func (h *header) compact() bool { return h.flags&flagCompact != 0 }
func (h *header) keyed() bool   { return h.flags&flagKeyedHash != 0 }

// parseHeader reads the first bytes of a file.
func parseHeader(b []byte) (header, error) {
	if len(b) >= len(journal.FileSignature) && string(b[:len(journal.FileSignature)]) != journal.FileSignature {
		return header{}, ErrNotJournal
	}
	if len(b) < minHeader {
		return header{}, ErrEmpty
	}
	h := header{
		flags:        le32(b[12:]),
		state:        b[16],
		fileID:       id(b[24:40]),
		machineID:    id(b[40:56]),
		tailBoot:     id(b[56:72]),
		seqnumID:     id(b[72:88]),
		size:         le64(b[88:]),
		arena:        le64(b[96:]),
		dataTable:    le64(b[104:]),
		dataTableLen: le64(b[112:]),
		fieldTable:   le64(b[120:]),
		fieldLen:     le64(b[128:]),
		tailObject:   le64(b[136:]),
		objects:      le64(b[144:]),
		entries:      le64(b[152:]),
		tailSeqnum:   le64(b[160:]),
		headSeqnum:   le64(b[168:]),
		entryArray:   le64(b[176:]),
		headRealtime: le64(b[184:]),
		tailRealtime: le64(b[192:]),
	}
	if h.size >= useHeader && len(b) >= useHeader {
		h.data = le64(b[208:])
	}
	if unknown := h.flags &^ flagsKnown; unknown != 0 {
		return header{}, fmt.Errorf("%w (feature flags %#x)", ErrUnsupported, unknown)
	}
	return h, nil
}
