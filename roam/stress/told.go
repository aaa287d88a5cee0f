package stress

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"roamfault/patterns"
	"roamfault/roam/manager"
	"roamfault/roam/probe"
	"roamfault/roam/runlog"
)

// source is whose words a run reads, as the letter that stands for it behind a class
// in the run file.
type source byte

// The sources, in their order.
const (
	ofKernel     source = 'k'
	ofSupplicant source = 's'
	ofDaemons    source = 'd' // others than the supplicant
	ofStation    source = 'n' // our own, where we are the supplicant
	ofProbe      source = 'p'
)

// debugMark stands behind the sources of a class of which kernel or supplicant may
// tell in debug messages, which other runs do not have.
const debugMark = "+"

// speaker is a source with its name, and by which identifiers its lines are known.
type speaker struct {
	source
	name        string
	identifiers []string
}

func speakers() []speaker {
	return []speaker{
		{ofKernel, "kernel", []string{"kernel"}},
		{ofSupplicant, "supplicant", []string{"wpa_supplicant"}},
		{ofDaemons, "daemons", []string{"NetworkManager", "iwd", "hostapd"}},
		{ofStation, "station", []string{"nl80211"}},
		{ofProbe, "probe", []string{probe.Identifier}},
	}
}

// words are what a run reads.
type words struct {
	sources []source
	// release is the kernel's, as 6.12; 0: not known.
	release version
	debug   bool // kernel and supplicant were told to say more
	logged  bool // the supplicant's come from the log
}

func (w *words) has(s source) bool { return slices.Contains(w.sources, s) }

func (w *words) without(s source) {
	w.sources = slices.DeleteFunc(slices.Clone(w.sources), func(has source) bool { return has == s })
}

// String names the sources.
func (w *words) String() string {
	var names []string
	for _, s := range speakers() {
		if w.has(s.source) {
			names = append(names, s.name)
		}
	}
	if w.debug {
		names = append(names, "debug messages")
	}
	return strings.Join(names, ", ")
}

// words are those that the run will read, as far as it can be told when it begins.
// The control socket gives the supplicant's lines whatever its log has; D-Bus gives
// few of them, so that they come from the log of its service.
func (d *drive) words(env runlog.Environment) words {
	w := words{sources: []source{ofKernel}, debug: d.o.Trace != nil}
	release, _ := env.Get(runlog.KeyKernel)
	w.release = parseVersion(release)
	logged := slices.ContainsFunc(d.scene.management.Supplicants, func(s manager.Supplicant) bool { return s.Unit != "" })
	w.logged = d.scene.Via == manager.ViaDBus && logged && !d.system.KernelOnly
	if d.scene.Via == manager.ViaControl || w.logged {
		w.sources = append(w.sources, ofSupplicant)
	}
	if !d.system.KernelOnly {
		w.sources = append(w.sources, ofDaemons)
	}
	if d.scene.Via == manager.ViaNL80211 {
		w.sources = append(w.sources, ofStation)
	}
	if p := d.scene.Plan.Probe; p.Ping != "" || p.Load != "" {
		w.sources = append(w.sources, ofProbe)
	}
	return w
}

// tell writes into an environment what can be told of incidents in it.
func (w *words) tell(env *runlog.Environment, c *patterns.Catalogue) error {
	hash, err := catalogueVersion(c)
	if err != nil {
		return err
	}
	env.Set(runlog.KeyPatterns, hash)
	env.Set(runlog.KeySources, w.String())
	env.SetClasses(w.classes(c))
	return nil
}

// classes are the classes of incidents that can be told, as "class:sources", in the
// order of the vocabulary.
func (w *words) classes(c *patterns.Catalogue) []string {
	shipped := packsOf(patterns.Builtin())
	by := map[patterns.Class]map[source]bool{}
	bad := map[patterns.Class]bool{}
	for _, p := range c.Patterns() {
		if w.release.before(since(p.Kernels)) {
			continue
		}
		for _, r := range readings(&p) {
			bad[r.class] = bad[r.class] || r.bad
			for _, s := range saidBy(&p, shipped) {
				if !w.has(s) {
					continue
				}
				if by[r.class] == nil {
					by[r.class] = map[source]bool{}
				}
				by[r.class][s] = true
			}
		}
	}
	// That firmware came up again is told by its coming up (package incident).
	by[patterns.FirmwareReload] = by[patterns.FirmwareBoot]
	var out []string
	for _, info := range patterns.Vocabulary() {
		if len(by[info.Class]) == 0 || info.Severity == patterns.Info && !bad[info.Class] {
			continue
		}
		letters := ""
		for _, s := range speakers() {
			if by[info.Class][s.source] {
				letters += string(s.source)
			}
		}
		if w.debug && (by[info.Class][ofKernel] || by[info.Class][ofSupplicant]) {
			letters += debugMark
		}
		out = append(out, string(info.Class)+":"+letters)
	}
	return out
}

// reading is a class that a pattern can give, and whether it can be bad enough for an
// incident.
type reading struct {
	class patterns.Class
	bad   bool
}

func readings(p *patterns.Pattern) []reading {
	var out []reading
	add := func(c patterns.Class, bad bool) {
		if c != "" {
			out = append(out, reading{c, bad})
		}
	}
	add(p.Class, p.Severity > patterns.Info)
	for _, c := range p.Cases {
		severity, _ := patterns.ParseSeverity(c.Severity)
		add(c.Class, severity > patterns.Info)
		if c.Class == "" {
			add(p.Class, severity > patterns.Info)
		}
		add(c.Also, false)
	}
	return out
}

func pack(p *patterns.Pattern) string {
	name, _, _ := strings.Cut(p.ID, ".")
	return name
}

func packsOf(c *patterns.Catalogue) map[string]bool {
	packs := map[string]bool{}
	for _, p := range c.Patterns() {
		packs[pack(&p)] = true
	}
	return packs
}

// saidBy are the sources that may say a pattern: by its identifiers, or else by its
// pack. Whose words a user's own pack has in mind nobody knows.
func saidBy(p *patterns.Pattern, shipped map[string]bool) []source {
	if len(p.Identifiers) > 0 {
		var out []source
		for _, s := range speakers() {
			if slices.ContainsFunc(s.identifiers, func(id string) bool { return anyGlob(p.Identifiers, id) }) {
				out = append(out, s.source)
			}
		}
		return out
	}
	switch name := pack(p); name {
	case "wpa-supplicant":
		return []source{ofSupplicant}
	case "nl80211":
		return []source{ofSupplicant, ofStation}
	case "hostapd", "android":
		return []source{ofDaemons}
	case "roamfault":
		return nil
	default:
		if shipped[name] {
			return []source{ofKernel}
		}
	}
	return []source{ofKernel, ofSupplicant, ofDaemons, ofStation}
}

func anyGlob(globs []string, name string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		ok, err := path.Match(g, name)
		return ok && err == nil
	})
}

// version is a kernel's, as 6 and 12.
type version [2]int

// before reports whether a version that is known is before another that is.
func (v version) before(other version) bool {
	return v != version{} && slices.Compare(v[:], other[:]) < 0
}

// parseVersion reads the begin of a kernel's release, zero where it has none.
func parseVersion(release string) (v version) {
	if _, err := fmt.Sscanf(release, "%d.%d", &v[0], &v[1]); err != nil || v[0] < 0 || v[1] < 0 {
		return version{}
	}
	return v
}

// since reads from which version on a kernel has a pattern's wordings: what a pack
// says of kernels is for people, but where it begins with "6.12 and later" it is plain.
func since(kernels string) version {
	first, _, ok := strings.Cut(kernels, " and later")
	if !ok || strings.Trim(first, "0123456789.") != "" {
		return version{}
	}
	return parseVersion(first)
}

// catalogueVersion tells catalogues apart that may read the same line otherwise. What
// they say of it for people is no difference.
func catalogueVersion(c *patterns.Catalogue) (string, error) {
	all := c.Patterns()
	for i := range all {
		p := &all[i]
		p.Meaning, p.Advice, p.Source, p.Kernels = "", "", "", ""
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("name the version of the patterns: %w", err)
	}
	const bytes = 8
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:bytes]), nil
}
