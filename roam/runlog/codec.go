package runlog

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

// MaxLine is how long a line of a run file is at most, in bytes.
const MaxLine = 16 << 20

// mostSequence is the highest number of a line: what every reader of JSON keeps
// exactly.
const mostSequence = 1 << 53

// A line is {"type":T,"seq":N,...,"crc":"xxxxxxxx"}: the sum is CRC-32C, in
// lower-case hexadecimal, of all of the line before `,"crc":`.
const (
	typeKey  = `{"type":"`
	seqKey   = `","seq":`
	crcKey   = `,"crc":"`
	crcClose = `"}`

	crcDigits = 2 * crc32.Size
	crcTail   = len(crcKey) + crcDigits + len(crcClose)
)

// Why a line does not count.
var (
	errFrame = errors.New("it is no line of a run file")
	errCRC   = errors.New("its checksum is wrong")
)

// encoder turns entries into lines.
type encoder struct {
	line  []byte
	body  bytes.Buffer
	json  *json.Encoder
	table *crc32.Table
}

func newEncoder() *encoder {
	e := &encoder{table: castagnoli()}
	e.json = json.NewEncoder(&e.body)
	e.json.SetEscapeHTML(false) // people read these lines
	return e
}

// castagnoli is the table of CRC-32C, for which processors have instructions.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendSum appends the sum of the front of a line as it is written.
func appendSum(to, front []byte, table *crc32.Table) []byte {
	var sum [crc32.Size]byte
	binary.BigEndian.PutUint32(sum[:], crc32.Checksum(front, table))
	return hex.AppendEncode(to, sum[:])
}

// encode returns an entry's line with its newline, valid until the next call.
func (e *encoder) encode(seq uint64, entry Entry) ([]byte, error) {
	if err := entry.check(); err != nil {
		return nil, err
	}
	e.body.Reset()
	var what any = entry
	if c, ok := entry.(*Cycle); ok {
		what = shorten(c)
	}
	if err := e.json.Encode(what); err != nil {
		return nil, err
	}
	body := bytes.TrimSpace(e.body.Bytes())
	line := append(e.line[:0], typeKey...)
	line = append(line, entry.Type()...)
	line = append(line, seqKey...)
	line = strconv.AppendUint(line, seq, 10)
	if inner := body[1 : len(body)-1]; len(inner) > 0 {
		line = append(append(line, ','), inner...)
	}
	var sum [crcDigits]byte
	appendSum(sum[:0], line, e.table)
	line = append(append(append(line, crcKey...), sum[:]...), crcClose...)
	e.line = append(line, '\n')
	if len(e.line) > MaxLine {
		e.line = nil
		return nil, fmt.Errorf("%d bytes are too long for a line of a run file", len(line))
	}
	return e.line, nil
}

// frame is what holds an entry in its line.
type frame struct {
	kind EntryType
	seq  uint64
	rest int // where behind the number the line goes on
}

// openFrame reads the frame of a line without its newline, and checks the sum.
func openFrame(line []byte, table *crc32.Table) (frame, error) {
	f, err := readFrame(line)
	if err != nil {
		return f, err
	}
	tail := len(line) - crcTail
	if tail < f.rest || string(line[tail:tail+len(crcKey)]) != crcKey || string(line[len(line)-len(crcClose):]) != crcClose {
		return f, errFrame
	}
	// Writing the sum and comparing is faster than reading one: it has no branches.
	var want [crcDigits]byte
	if string(appendSum(want[:0], line[:tail], table)) != string(line[tail+len(crcKey):len(line)-len(crcClose)]) {
		return f, errCRC
	}
	return f, nil
}

// readFrame reads the beginning of a line.
func readFrame(line []byte) (frame, error) {
	if len(line) < len(typeKey) || string(line[:len(typeKey)]) != typeKey {
		return frame{}, errFrame
	}
	rest := line[len(typeKey):]
	const longestType = 32
	end := bytes.IndexByte(rest[:min(len(rest), longestType)], '"')
	if end < 0 || !bytes.HasPrefix(rest[end:], []byte(seqKey)) {
		return frame{}, errFrame
	}
	f := frame{kind: known(rest[:end]), rest: len(typeKey) + end + len(seqKey)}
	digits := 0
	for ; f.rest < len(line) && line[f.rest] >= '0' && line[f.rest] <= '9'; f.rest++ {
		if f.seq = 10*f.seq + uint64(line[f.rest]-'0'); f.seq > mostSequence {
			return frame{}, errFrame
		}
		digits++
	}
	if digits == 0 {
		return frame{}, errFrame
	}
	return f, nil
}

// known returns a type without taking memory for those of every cycle.
func known(name []byte) EntryType {
	switch string(name) {
	case string(TypeCycle):
		return TypeCycle
	case string(TypeBegin):
		return TypeBegin
	case string(TypeRecord):
		return TypeRecord
	}
	return EntryType(name)
}

// decode reads the entry of a line whose frame is whole; nil for a type that is
// not known.
func decode(kind EntryType, line []byte) (Entry, error) {
	if kind == TypeCycle {
		c, err := decodeCycle(line)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	e := newEntry(kind)
	if e == nil {
		return nil, nil
	}
	if err := json.Unmarshal(line, e); err != nil {
		return nil, err
	}
	return e, e.check()
}
