package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// BootsID is the value of "schema" in the notes on boots.
const BootsID = "roamfault/watch-boots/v1"

// BootNote is what ran during a boot: the log does not tell it, and afterwards
// nobody knows.
type BootNote struct {
	// Boot is the boot id, without dashes.
	Boot string `json:"boot"`
	// Kernel is its release, empty when unknown.
	Kernel string `json:"kernel"`
	// Modules are the drivers of the Wi-Fi cards and what they rest on, in
	// the order in which they were seen. One that was loaded in two versions
	// comes twice.
	Modules []Module `json:"modules"`
}

// Module is a kernel module as it was loaded.
type Module struct {
	Name string `json:"name"`
	// Driver tells that a card is bound to it, rather than that it is one
	// that such a driver rests on.
	Driver bool `json:"driver"`
	// Version is what the module says, SrcVersion the hash of its source
	// (modinfo's fields of these names); empty where the module was built
	// without.
	Version    string `json:"version"`
	SrcVersion string `json:"srcversion"`
}

// bootsFile is the notes as they are written.
type bootsFile struct {
	Schema string     `json:"schema"`
	Boots  []BootNote `json:"boots"`
}

const (
	bootsName = "boots.json"
	// mostBoots and mostBootModules bound the notes, bootsLimit what is read
	// of them.
	mostBoots       = 256
	mostBootModules = 32
	bootsLimit      = 8 << 20
)

// NoteBoot adds to what is noted of a boot. The oldest boots are forgotten.
// Nothing is written where nothing is new.
func (s *Spool) NoteBoot(n BootNote) error {
	n.Boot = strings.ReplaceAll(n.Boot, "-", "")
	if n.Boot == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	boots, err := ReadBoots(s.dir)
	if err != nil && !errors.Is(err, ErrBootNotes) {
		return err
	}
	at := slices.IndexFunc(boots, func(o BootNote) bool { return o.Boot == n.Boot })
	news := at < 0
	if news {
		at = len(boots)
		boots = append(boots, BootNote{Boot: n.Boot, Modules: []Module{}})
	}
	if !boots[at].add(n) && !news {
		return nil
	}
	boots = boots[max(0, len(boots)-mostBoots):]
	b, err := json.Marshal(bootsFile{BootsID, boots})
	if err != nil {
		return fmt.Errorf("note what runs in this boot: %w", err)
	}
	if err := s.write(bootsName, append(b, '\n')); err != nil {
		return fmt.Errorf("note what runs in this boot: %w", bare(err))
	}
	return nil
}

// add adds what is new, and reports whether anything is.
func (n *BootNote) add(o BootNote) (news bool) {
	if n.Kernel == "" && o.Kernel != "" {
		n.Kernel, news = o.Kernel, true
	}
	for _, m := range o.Modules {
		at := slices.IndexFunc(n.Modules, func(k Module) bool { return k.Name == m.Name && k.Version == m.Version && k.SrcVersion == m.SrcVersion })
		switch {
		case at < 0 && len(n.Modules) < mostBootModules:
			n.Modules = append(n.Modules, m)
			news = true
		case at >= 0 && m.Driver && !n.Modules[at].Driver:
			n.Modules[at].Driver, news = true, true
		}
	}
	return news
}

// ErrBootNotes says that there are notes on boots that cannot be used.
var ErrBootNotes = errors.New("the notes on boots cannot be used")

// ReadBoots returns what is noted of the boots in a spool's directory, the
// oldest first: also while another program has it open. Without notes it
// returns none.
func ReadBoots(dir string) ([]BootNote, error) {
	path := filepath.Join(dir, bootsName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the notes on boots: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, bootsLimit))
	if err != nil {
		return nil, fmt.Errorf("read the notes on boots: %w", err)
	}
	var notes bootsFile
	if err := json.Unmarshal(b, &notes); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBootNotes, path, err)
	}
	if notes.Schema != BootsID {
		return nil, fmt.Errorf("%w: %s: schema %q, not %q", ErrBootNotes, path, notes.Schema, BootsID)
	}
	return notes.Boots, nil
}
