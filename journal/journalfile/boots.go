package journalfile

import (
	"cmp"
	"errors"
	"slices"

	"roamfault/journal"
)

// mayHaveBoot tells whether a file may hold entries of the boot that the filter
// asks for: false only where the file's own index says so.
func (s *session) mayHaveBoot(f *file) bool {
	if s.filterID == (id{}) {
		return false
	}
	if f.head.tailBoot == s.filterID {
		return true
	}
	_, found, sound := s.find(f, "_BOOT_ID="+s.filterID.String())
	return found || !sound
}

// find looks a payload up in the table of data objects. sound is false where the
// table cannot be believed.
func (s *session) find(f *file, payload string) (d dataHead, found, sound bool) {
	h := &f.head
	buckets := h.dataTableLen / 16
	if buckets == 0 || h.dataTable > f.size || h.dataTableLen > f.size-h.dataTable {
		return d, false, false
	}
	want := f.hash([]byte(payload))
	var b [dataHeadSize + compactExtra + 64]byte
	if s.pages.read(f, b[:8], h.dataTable+want%buckets*16) < 8 {
		return d, false, false
	}
	last := uint64(0)
	for off := le64(b[:]); off != 0; {
		// Chains lead forward, as files grow.
		if off <= last || off%8 != 0 || off > f.size-min(f.size, dataHeadSize) {
			return d, false, false
		}
		last = off
		n := s.pages.read(f, b[:], off)
		if n < dataHeadSize {
			return d, false, false
		}
		d, ok := parseData(b[:], f, off)
		if !ok {
			return d, false, false
		}
		if length := d.length(off); d.hash == want && d.flags == 0 && length == uint64(len(payload)) {
			at := int(d.payload - off)
			if at+len(payload) <= n && string(b[at:at+len(payload)]) == payload {
				return d, true, true
			}
		}
		off = d.nextHash
	}
	return d, false, true
}

// Boot is one boot of a machine, as far as the files tell of it.
type Boot struct {
	// ID is the boot id as records have it.
	ID string
	// First and Last are the times of its first and last entry, on both
	// clocks, as journald took them.
	First, Last journal.Time
	// Entries is how many entries it has. Entries that several files have
	// count for each.
	Entries int
}

// maxBoots is how many boots are told apart.
const maxBoots = 1 << 16

// ErrBoots: there are more boots than are told apart. The list holds the first.
var ErrBoots = errors.New("more than 65536 boots")

// Boots lists the boots that the files have entries of, by the time of their first
// entry. It goes by each file's index of boots where that is sound, and
// reads the head of each entry where it is not. Damage is no error.
func (j *Journal) Boots() ([]Boot, error) {
	s, err := j.newSession(nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := make(map[id]*span)
	for _, f := range j.files {
		spans, ok := s.indexedBoots(f)
		if !ok {
			spans = s.walkedBoots(f)
		}
		for b, sp := range spans {
			if have, ok := all[b]; ok {
				have.join(sp)
			} else if len(all) < maxBoots {
				all[b] = sp
			} else {
				err = ErrBoots
			}
		}
	}
	var boots []Boot
	for b, sp := range all {
		boots = append(boots, Boot{
			ID: b.String(), Entries: sp.entries,
			First: s.time(&entry{key: sp.first}), Last: s.time(&entry{key: sp.last}),
		})
	}
	slices.SortFunc(boots, func(a, b Boot) int {
		return cmp.Or(a.First.Wall.Compare(b.First.Wall), cmp.Compare(a.ID, b.ID))
	})
	return boots, err
}

// span is the entries of one boot.
type span struct {
	first, last key
	entries     int
}

// join adds the entries of another file.
func (sp *span) join(o *span) {
	if o.first.monotonic < sp.first.monotonic {
		sp.first = o.first
	}
	if o.last.monotonic > sp.last.monotonic {
		sp.last = o.last
	}
	sp.entries += o.entries
}

// indexedBoots reads the boots of a file from the list of values of its _BOOT_ID
// field; ok is false where that does not account for each entry.
func (s *session) indexedBoots(f *file) (spans map[id]*span, ok bool) {
	spans = make(map[id]*span)
	off, ok := s.fieldData(f, "_BOOT_ID")
	total, before := uint64(0), f.size
	for ok && off != 0 {
		// New values are put in front of the list, so it leads back.
		if off >= before || off%8 != 0 || off < minHeader {
			return nil, false
		}
		before = off
		var b [dataHeadSize + compactExtra + 64]byte
		n := s.pages.read(f, b[:], off)
		if n < dataHeadSize {
			return nil, false
		}
		d, sound := parseData(b[:], f, off)
		const name = "_BOOT_ID="
		at := int(d.payload - off)
		if !sound || d.flags != 0 || d.length(off) != uint64(len(name)+32) || n < at+len(name)+32 {
			return nil, false
		}
		payload := b[at : at+len(name)+32]
		var boot id
		if f.hash(payload) != d.hash || string(payload[:len(name)]) != name || parseID(&boot, string(payload[len(name):])) != nil {
			return nil, false
		}
		if d.entries > 0 {
			sp, ok := s.listSpan(f, &d, boot)
			if !ok || len(spans) >= maxBoots {
				return nil, false
			}
			spans[boot] = sp
			total += uint64(sp.entries)
		}
		off = d.nextData
	}
	return spans, ok && total == f.head.entries
}

// listSpan reads the first and last entry that a data object lists.
func (s *session) listSpan(f *file, d *dataHead, boot id) (*span, bool) {
	s.list.reset(&s.pages, f, d.array, d.entry)
	last, n := d.entry, 1
	for uint64(n) < f.head.entries {
		off, ok := s.list.item()
		if !ok {
			break
		}
		last = off
		n++
	}
	first, ok := s.entryAt(f, d.entry)
	end, ok2 := s.entryAt(f, last)
	if !ok || !ok2 || s.list.bad || first.boot != boot || end.boot != boot {
		return nil, false
	}
	return &span{first.key, end.key, n}, true
}

// entryAt reads the head of an entry.
func (s *session) entryAt(f *file, off uint64) (entry, bool) {
	var b [entryHeadSize]byte
	if off%8 != 0 || off >= f.size || s.pages.read(f, b[:], off) < len(b) {
		return entry{}, false
	}
	return parseEntry(b[:], f, off)
}

// walkedBoots reads the boots of a file from its entries.
func (s *session) walkedBoots(f *file) map[id]*span {
	spans := make(map[id]*span)
	st := &stream{session: s, f: f, every: true}
	st.cursor.reset(s, f, &st.skips)
	for st.advance() {
		k := st.head.key
		if sp, ok := spans[k.boot]; ok {
			sp.join(&span{k, k, 1})
		} else if len(spans) < maxBoots {
			spans[k.boot] = &span{k, k, 1}
		}
	}
	return spans
}

// fieldData returns the first data object of a field's list; ok is false where the
// table of fields has no such field or cannot be believed.
func (s *session) fieldData(f *file, name string) (off uint64, ok bool) {
	h := &f.head
	buckets := h.fieldLen / 16
	if buckets == 0 || h.fieldTable > f.size || h.fieldLen > f.size-h.fieldTable {
		return 0, false
	}
	want := f.hash([]byte(name))
	var b [fieldHeadSize + 64]byte
	if s.pages.read(f, b[:8], h.fieldTable+want%buckets*16) < 8 {
		return 0, false
	}
	last := uint64(0)
	for off := le64(b[:]); off > last && off%8 == 0 && off < f.size; {
		last = off
		n := s.pages.read(f, b[:], off)
		if n < fieldHeadSize {
			return 0, false
		}
		head := parseObjectHead(b[:])
		if head.kind != objectField || !head.sound(f.size-off, h.compact()) {
			return 0, false
		}
		if le64(b[16:]) == want && head.size == uint64(fieldHeadSize+len(name)) && n >= fieldHeadSize+len(name) &&
			string(b[fieldHeadSize:fieldHeadSize+len(name)]) == name {
			return le64(b[32:]), true
		}
		off = le64(b[24:])
	}
	return 0, false
}
