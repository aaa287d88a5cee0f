package spool

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"
)

// Attachment is a file beside an incident: NAME+attachment.
type Attachment struct {
	Name string `json:"name"`
	// Bytes is its size as kept.
	Bytes int64 `json:"bytes"`
	// SHA256 is the hash of what is kept in hex, empty for a file that was
	// there before.
	SHA256 string `json:"sha256,omitempty"`
	// Truncated tells that there was more than was to be kept.
	Truncated bool `json:"truncated,omitempty"`
}

// isAttachment tells what an attachment may be called.
var isAttachment = regexp.MustCompile(`^[0-9a-zA-Z][0-9a-zA-Z._-]{0,63}$`)

// Attach keeps up to most bytes of r beside an incident that is about to be
// put: first is its time as in [Document]. A file of that name that is there
// already stays as it is. Old incidents go to make room, which evicted tells.
func (s *Spool) Attach(id string, first time.Time, name string, r io.Reader, most int64) (a Attachment, evicted []Entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !isAttachment.MatchString(name) || !isID.MatchString(id) {
		return a, nil, fmt.Errorf("attach %q to incident %q: not a name for a file", name, id)
	}
	base := s.baseFor(id, first)
	e := s.byID[id]
	have := s.strays[base]
	if e != nil {
		have = e.Attachments
	}
	for _, o := range have {
		if o.Name == name {
			return o, nil, nil
		}
	}
	most = min(most, s.limits.Bytes/4)
	f, err := os.CreateTemp(s.dir, tempPrefix+"*")
	if err != nil {
		return a, nil, fmt.Errorf("attach %s to incident %s: %w", name, id, bare(err))
	}
	sum := sha256.New()
	a = Attachment{Name: name}
	a.Bytes, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(r, most))
	if err == nil {
		if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
			a.Truncated = true
		}
		a.SHA256 = hex.EncodeToString(sum.Sum(nil))
		evicted, err = s.makeRoom(blocks(a.Bytes), id)
	}
	if err = s.place(f, base+"+"+name, err); err != nil {
		return Attachment{}, evicted, fmt.Errorf("attach %s to incident %s: %w", name, id, bare(err))
	}
	s.bytes += blocks(a.Bytes)
	if e != nil {
		e.attach(a)
	} else {
		s.strays[base] = append(s.strays[base], a)
	}
	return a, evicted, nil
}
