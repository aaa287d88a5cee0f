package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dated is how a name begins that has a date: it sorts by time.
const dated = "20060102T150405.000000Z"

// numbered is how a name begins that has none: it sorts before all dates.
const numbered = "00000000-%012d"

// isID tells what may stand in a file's name.
var isID = regexp.MustCompile(`^[0-9a-zA-Z]{1,64}$`)

// baseOf names an incident.
func baseOf(first time.Time, number int64, id string) string {
	if first.IsZero() || first.Year() < 1 || first.Year() > 9999 {
		return fmt.Sprintf(numbered, number) + "-" + id
	}
	return first.UTC().Format(dated) + "-" + id
}

// parseBase returns the id in a name, and its number where it has no date.
func parseBase(base string) (id string, number int64, ok bool) {
	at := strings.LastIndexByte(base, '-')
	if at < 0 || !isID.MatchString(base[at+1:]) {
		return "", 0, false
	}
	front, id := base[:at], base[at+1:]
	if rest, ok := strings.CutPrefix(front, "00000000-"); ok {
		n, err := strconv.ParseInt(rest, 10, 64)
		return id, n, err == nil && n >= 0 && n < 1<<50
	}
	_, err := time.Parse(dated, front)
	return id, 0, err == nil
}

// headLimit is where a document's id and revision must have come.
const headLimit = 256

// readEntry reads as much of a document as tells what it is and that it is
// whole.
func readEntry(dir, name string) (*Entry, error) {
	id, _, ok := parseBase(strings.TrimSuffix(name, suffix))
	if !ok {
		return nil, errors.New("not a file of it")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("not a file")
	}
	head := make([]byte, headLimit)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("empty")
	}
	tail := make([]byte, len(end))
	if _, err := f.ReadAt(tail, max(0, st.Size()-int64(len(tail)))); err != nil || string(tail) != end {
		return nil, errors.New("damaged: it has no end")
	}
	h, err := readHead(head[:n])
	if err != nil {
		return nil, err
	}
	if h.ID != id {
		return nil, fmt.Errorf("damaged: it holds incident %q", h.ID)
	}
	size := blocks(st.Size())
	return &Entry{Name: name, ID: id, Rev: h.Rev, Bytes: size, size: size}, nil
}

// head is how every document begins.
type head struct {
	Schema string `json:"schema"`
	ID     string `json:"id"`
	Rev    int    `json:"rev"`
}

func readHead(b []byte) (head, error) {
	var h head
	at := bytes.Index(b, []byte(headEnd))
	if at < 0 {
		return h, errors.New("damaged, or of another program")
	}
	if err := json.Unmarshal(append(bytes.Clone(b[:at]), '}'), &h); err != nil {
		return h, errors.New("damaged, or of another program")
	}
	if h.Schema != DocumentID {
		return h, fmt.Errorf("schema %q, not %q", h.Schema, DocumentID)
	}
	return h, nil
}
