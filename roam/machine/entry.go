package machine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// schema names what is in an undo log.
const schema = "roamfault/undo/v1"

// What an undo log holds at most.
const (
	mostLine = 64 << 10
	mostLog  = 4 << 20
)

// entry is a line of an undo log: its head, a change that is about to be made,
// or a change that needs nothing more.
type entry struct {
	Schema  string `json:"schema,omitzero"`
	Machine string `json:"machine,omitzero"`

	Number int     `json:"number,omitzero"` // from 1
	Boot   string  `json:"boot,omitzero"`
	Change *Change `json:"change,omitempty"`

	Done int    `json:"done,omitzero"` // the number of the change
	Why  string `json:"why,omitzero"`
}

// sealed is a line as it stands in the file. The sum is of the octets of Entry.
type sealed struct {
	Sum   string          `json:"sum"`
	Entry json.RawMessage `json:"entry"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(b []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(b, castagnoli)) }

// encode makes a line of an entry, its newline included.
func (e *entry) encode() ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	line := fmt.Appendf(nil, `{"sum":%q,"entry":%s}`+"\n", sum(body), body)
	if len(line) > mostLine {
		return nil, fmt.Errorf("a line of %d octets is longer than the %d there may be", len(line), mostLine)
	}
	return line, nil
}

var errSum = errors.New("the sum is not that of the line")

func decodeEntry(line []byte) (entry, error) {
	var s sealed
	var e entry
	if err := json.Unmarshal(line, &s); err != nil {
		return e, err
	}
	if s.Sum != sum(s.Entry) {
		return e, errSum
	}
	return e, json.Unmarshal(s.Entry, &e)
}

// content is what an undo log holds.
type content struct {
	machine string
	pending []entry // in the order in which they were made
	last    int     // the highest number
	whole   int     // octets up to the end of the last good line
	damaged int     // lines before that which are none
}

// decodeLog reads an undo log. A line that a crash has torn is at the end:
// nothing was changed after it, so it is left out. Damage before that is counted.
func decodeLog(b []byte) content {
	var c content
	bad := 0
	for at := 0; at < len(b); {
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			break
		}
		e, err := decodeEntry(b[at : at+end])
		at += end + 1
		if err != nil {
			bad++
			continue
		}
		c.damaged, c.whole = bad, at
		c.take(e)
	}
	return c
}

func (c *content) take(e entry) {
	switch {
	case e.Schema == schema:
		c.machine = e.Machine
	case e.Change != nil && e.Number > c.last:
		c.last = e.Number
		c.pending = append(c.pending, e)
	case e.Done > 0:
		c.pending = without(c.pending, e.Done)
	}
}

func without(list []entry, number int) []entry {
	for i := range list {
		if list[i].Number == number {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}
