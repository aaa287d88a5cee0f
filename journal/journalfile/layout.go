package journalfile

import "encoding/binary"

// The kinds of objects (enum ObjectType in journal-def.h).
const (
	objectUnused = iota
	objectData
	objectField
	objectEntry
	objectDataTable
	objectFieldTable
	objectArray
	objectTag
	objectKinds
)

// The flags of data objects: how the payload is packed.
const (
	packedXZ   = 1 << 0
	packedLZ4  = 1 << 1
	packedZSTD = 1 << 2
)

// Sizes of structures.
const (
	objectHeadSize = 16
	dataHeadSize   = 64 // without what the compact layout adds
	compactExtra   = 8
	fieldHeadSize  = 40
	entryHeadSize  = 64
	arrayHeadSize  = 24
	tagSize        = 64
)

// objectHead is what every object begins with.
type objectHead struct {
	kind, flags byte
	size        uint64
}

func parseObjectHead(b []byte) objectHead {
	return objectHead{b[0], b[1], binary.LittleEndian.Uint64(b[8:])}
}

// minSize returns the least size of an object of each kind.
func minSize(kind byte, compact bool) uint64 {
	switch kind {
	case objectData:
		if compact {
			return dataHeadSize + compactExtra
		}
		return dataHeadSize
	case objectField:
		return fieldHeadSize
	case objectEntry:
		return entryHeadSize
	case objectArray:
		return arrayHeadSize
	case objectTag:
		return tagSize
	}
	return objectHeadSize
}

// sound tells whether an object can be what it says, room bytes before the end
// of the file.
func (h objectHead) sound(room uint64, compact bool) bool {
	if h.kind == objectUnused || h.kind >= objectKinds || h.size > room || h.size < minSize(h.kind, compact) {
		return false
	}
	if h.kind != objectData {
		return h.flags == 0 && (h.kind != objectTag || h.size == tagSize)
	}
	return h.flags == 0 || h.flags == packedXZ || h.flags == packedLZ4 || h.flags == packedZSTD
}

// aligned rounds up to the multiple of 8 that the next object begins at. n is at
// most the size of a file.
func aligned(n uint64) uint64 { return (n + 7) &^ 7 }

// le64 and le32 read integers as the format has them.
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
