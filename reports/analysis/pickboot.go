package analysis

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"roamfault/journal/journalfile"
)

// bootName is a boot as people name it: by its id or the beginning of it, or
// counted as journalctl counts, 0 the last, -1 the one before, 1 the first. A
// number of four digits or more is taken for an id.
type bootName struct {
	typed  string
	id     string // empty for a number
	number int
}

func parseBoot(typed string) bootName {
	if n, err := strconv.Atoi(typed); err == nil && len(strings.TrimPrefix(typed, "-")) < 4 {
		return bootName{typed: typed, number: n}
	}
	return bootName{typed: typed, id: strings.ToLower(strings.ReplaceAll(typed, "-", ""))}
}

// place returns which of so many boots a number means, counted from 0.
func (n bootName) place(boots int) (int, error) {
	at := n.number - 1
	if n.number <= 0 {
		at = boots - 1 + n.number
	}
	if at < 0 || at >= boots {
		return 0, fmt.Errorf("has no boot %d: it holds %d", n.number, boots)
	}
	return at, nil
}

// one checks how many boots an id has found.
func (n bootName) one(found int) error {
	switch found {
	case 0:
		return fmt.Errorf("has no boot %s", n.typed)
	case 1:
		return nil
	}
	return fmt.Errorf("has several boots that begin with %s", n.typed)
}

// FindBoot returns the id of the boot that is meant by an id or the beginning of
// one, or by a number as journalctl counts: 0 the last, -1 the one before, 1 the
// first.
func FindBoot(boots []journalfile.Boot, wanted string) (string, error) {
	name := parseBoot(wanted)
	if name.id == "" {
		at, err := name.place(len(boots))
		if err != nil {
			return "", fmt.Errorf("the journal %w; --boot all lists them", err)
		}
		return boots[at].ID, nil
	}
	var found []string
	for _, b := range boots {
		if strings.HasPrefix(b.ID, name.id) {
			found = append(found, b.ID)
		}
	}
	if err := name.one(len(found)); err != nil {
		return "", fmt.Errorf("the journal %w; --boot all lists them", err)
	}
	return found[0], nil
}

// mostTextBoots bounds the boots that are told apart in a text.
const mostTextBoots = 1 << 16

// bootPicker picks the records of one boot as those of a text come. What stands
// before the first sign of a boot counts as one, and a text without any as a
// single one.
type bootPicker struct {
	name bootName // a number is counted from 1 here
	seen map[string]int
	// matched are the boots that the id has found.
	matched []string
}

// errFromTheEnd: a boot is counted from an end that is not known.
var errFromTheEnd = errors.New("its boots cannot be counted from its end before that is read: save it in a file, or name the boot by its id, or counted from the first, which is 1")

// see takes a record's boot and returns which one it is, counted from 1, 0 for
// one that is too many.
func (p *bootPicker) see(boot string) int {
	at, known := p.seen[boot]
	if !known && len(p.seen) < mostTextBoots {
		if p.seen == nil {
			p.seen = make(map[string]int)
		}
		at = len(p.seen) + 1
		p.seen[boot] = at
	}
	return at
}

// picks reports whether a record of that boot is wanted.
func (p *bootPicker) picks(boot string) bool {
	at := p.see(boot)
	if p.name.id == "" {
		return at == p.name.number
	}
	if !strings.HasPrefix(boot, p.name.id) {
		return false
	}
	if len(p.matched) == 0 || p.matched[0] != boot && len(p.matched) == 1 {
		p.matched = append(p.matched, boot)
	}
	return p.matched[0] == boot
}

// found says behind the last record why none was picked, or too few.
func (p *bootPicker) found() error {
	if p.name.id != "" {
		return p.name.one(len(p.matched))
	}
	_, err := p.name.place(len(p.seen))
	return err
}
