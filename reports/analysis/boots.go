package analysis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/journal/journalfile"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// FindBoot returns the id of a boot: of the given id or a beginning of it, or
// counted as journalctl counts: 0 the last, -1 the one before, 1 the first. A
// number of four digits or more is taken for an id.
func FindBoot(boots []journalfile.Boot, wanted string) (string, error) {
	if len(boots) == 0 {
		return "", fmt.Errorf("the journal holds no boot")
	}
	if n, err := strconv.Atoi(wanted); err == nil && len(strings.TrimPrefix(wanted, "-")) < 4 {
		at := n - 1
		if n <= 0 {
			at = len(boots) - 1 + n
		}
		if at < 0 || at >= len(boots) {
			return "", fmt.Errorf("the journal holds %d boots, and no boot %d", len(boots), n)
		}
		return boots[at].ID, nil
	}
	id := strings.ToLower(strings.ReplaceAll(wanted, "-", ""))
	var found []string
	for _, b := range boots {
		if strings.HasPrefix(b.ID, id) {
			found = append(found, b.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("the journal holds no boot %s; --boot all lists them", wanted)
	}
	return "", fmt.Errorf("%d boots begin with %s", len(found), wanted)
}

// BootTally is what one boot's records come to: the baseline that the next
// kernel or firmware is held against.
type BootTally struct {
	journalfile.Boot
	Kernel       string         // release, empty when the boot's first record is gone
	Firmware     []string       // builds that came up, in order
	Roams        int            // roams that were begun
	Connections  int            // associations
	Incidents    int            //
	Fingerprints map[string]int // of the incidents
}

// Hours is how long the boot's records reach.
func (t *BootTally) Hours() float64 {
	return t.Last.Wall.Sub(t.First.Wall).Hours()
}

// mostPrints bounds the fingerprints and firmware builds kept of a boot.
const mostPrints = 64

// Boots tallies every boot of a journal.
func Boots(ctx context.Context, paths []string, opt Options) ([]BootTally, *Summary, error) {
	f := Finding{Catalogue: opt.Catalogue}
	source := f.Journal(paths)
	if source.Err != nil {
		return nil, nil, source.Err
	}
	j := source.Reader.(*journalfile.Journal)
	defer j.Close()
	boots, err := j.Boots()
	if err != nil {
		return nil, nil, fmt.Errorf("list the boots of the journal: %w", err)
	}
	t := tally{byBoot: make(map[string]*BootTally, len(boots))}
	tallies := make([]BootTally, len(boots))
	for i, b := range boots {
		tallies[i] = BootTally{Boot: b, Fingerprints: map[string]int{}}
		t.byBoot[b.ID] = &tallies[i]
	}
	if err := t.kernels(ctx, paths); err != nil {
		return nil, nil, err
	}
	summary, err := Run(ctx, []Source{source}, opt, &t)
	return tallies, summary, err
}

// tally counts by boot.
type tally struct {
	byBoot map[string]*BootTally
	// again tells a second record of the same roam or association, by the
	// supplicant, from a new one.
	last map[patterns.Class]*incident.Event
}

func (t *tally) Event(e *incident.Event) error {
	b := t.byBoot[e.Boot]
	if b == nil {
		return nil
	}
	switch e.Class {
	case patterns.RoamStart:
		if t.fresh(e) {
			b.Roams++
		}
	case patterns.Associated:
		if t.fresh(e) {
			b.Connections++
		}
	case patterns.FirmwareBoot, patterns.FirmwareReload:
		if build := e.Fields.Get("build"); build != "" && len(b.Firmware) < mostPrints && (len(b.Firmware) == 0 || b.Firmware[len(b.Firmware)-1] != build) {
			b.Firmware = append(b.Firmware, build)
		}
	}
	return nil
}

// fresh reports whether an event is not the same step told again by another.
func (t *tally) fresh(e *incident.Event) bool {
	if t.last == nil {
		t.last = make(map[patterns.Class]*incident.Event)
	}
	before := t.last[e.Class]
	t.last[e.Class] = e
	if before == nil || before.Boot != e.Boot || before.Identifier == e.Identifier || !e.Time.HasMono || !before.Time.HasMono {
		return true
	}
	const restated = time.Second
	return e.Time.Mono-before.Time.Mono > restated
}

func (t *tally) Incident(i *incident.Incident) error {
	if b := t.byBoot[i.Boot]; b != nil {
		b.Incidents++
		if _, known := b.Fingerprints[i.Fingerprint]; known || len(b.Fingerprints) < mostPrints {
			b.Fingerprints[i.Fingerprint]++
		}
	}
	return nil
}

// kernels finds the release of each boot's kernel, which is the first thing
// that it says.
func (t *tally) kernels(ctx context.Context, paths []string) error {
	const banner = "Linux version "
	j, err := journalfile.Open(paths, journalfile.Options{Filter: journal.Filter{KernelOnly: true}, Wanted: func(_, message string) bool { return strings.HasPrefix(message, banner) }})
	if err != nil {
		return err
	}
	defer j.Close()
	_, err = j.Read(ctx, func(r *journal.Record) error {
		if b := t.byBoot[r.Boot]; b != nil && b.Kernel == "" {
			b.Kernel, _, _ = strings.Cut(strings.TrimPrefix(r.Message, banner), " ")
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("find the kernels of the boots: %w", err)
	}
	return nil
}
