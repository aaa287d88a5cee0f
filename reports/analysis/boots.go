package analysis

import (
	"context"
	"fmt"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/journal/journalfile"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// BootTally is what one boot's records come to: the baseline that the next
// kernel or firmware is held against.
type BootTally struct {
	journalfile.Boot
	Kernel       string         // release, empty when the boot's first records are gone
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

// Boots tallies every boot of a journal, by the records that the finding's
// filter lets pass.
func (f Finding) Boots(ctx context.Context, paths []string, opt Options) ([]BootTally, *Summary, error) {
	j, err := journalfile.Open(paths, journalfile.Options{Wanted: func(identifier, message string) bool {
		return strings.HasPrefix(message, banner) || f.wants(identifier, message)
	}})
	if err != nil {
		return nil, nil, err
	}
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
	banners := &banners{Journal: j, filter: f.Filter, kernels: make(map[string]string)}
	summary, err := Run(ctx, []Source{{Name: nameOf(paths), Reader: banners}}, opt, &t)
	for i := range tallies {
		tallies[i].Kernel = banners.kernels[tallies[i].ID]
	}
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

// banner begins the first thing that a kernel says (linux_banner in
// init/version.c); its release follows.
const banner = "Linux version "

// banners is a journal that keeps the releases of the kernels on the way, also
// where the filter does not want what they say.
type banners struct {
	*journalfile.Journal
	filter  journal.Filter
	kernels map[string]string // by boot
}

func (b *banners) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	kernel := journal.Filter{KernelOnly: true}
	return b.Journal.Read(ctx, func(r *journal.Record) error {
		if release, ok := strings.CutPrefix(r.Message, banner); ok && kernel.Wants(r) {
			if _, known := b.kernels[r.Boot]; !known {
				release, _, _ = strings.Cut(release, " ")
				b.kernels[r.Boot] = release
			}
		}
		if !b.filter.Wants(r) {
			return nil
		}
		return yield(r)
	})
}
