package debs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
)

// sourcesLimit is the most of one file of sources that is read.
const sourcesLimit = 1 << 20

// A Source is one entry of apt's list of sources (sources.list(5)) for binary
// packages.
type Source struct {
	File       string // where it stands
	URIs       []string
	Suites     []string
	Components []string
	// Options are the entry's others, by their names in the deb822 style, such
	// as Signed-By. A value may be several lines.
	Options map[string]string
}

// ReadSources reads sources.list and sources.list.d below etc, which is apt's
// directory (/etc/apt). Entries that are switched off or are for source packages
// are left out.
func ReadSources(etc fs.FS) ([]Source, error) {
	files, err := fs.Glob(etc, "sources.list.d/*")
	if err != nil {
		return nil, fmt.Errorf("read the machine's sources: %w", err)
	}
	slices.Sort(files)
	var all []Source
	for _, name := range append([]string{"sources.list"}, files...) {
		parse := parsers[path.Ext(name)]
		if parse == nil {
			continue
		}
		f, err := etc.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the machine's sources: %w", err)
		}
		sources, err := parse(name, io.LimitReader(f, sourcesLimit))
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("read the machine's sources: %w", err)
		}
		all = append(all, sources...)
	}
	return all, nil
}

// parsers are the two styles of files, by suffix.
var parsers = map[string]func(name string, r io.Reader) ([]Source, error){
	".list":    ParseList,
	".sources": ParseDeb822,
}

// listOptions are the options of the one-line style by their deb822 names.
var listOptions = map[string]string{
	"signed-by":         "Signed-By",
	"trusted":           "Trusted",
	"check-valid-until": "Check-Valid-Until",
	"check-date":        "Check-Date",
	"date-max-future":   "Date-Max-Future",
	"by-hash":           "By-Hash",
}

// ParseList reads the one-line style: "deb [option=value] uri suite components".
func ParseList(name string, r io.Reader) ([]Source, error) {
	var all []Source
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, sourcesLimit)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		kind, rest := cutWord(line)
		if kind != "deb" {
			continue
		}
		s := Source{File: name, Options: make(map[string]string)}
		if inside, ok := strings.CutPrefix(rest, "["); ok {
			options, after, ok := strings.Cut(inside, "]")
			if !ok {
				continue
			}
			rest = after
			for _, o := range strings.Fields(options) {
				key, value, _ := strings.Cut(o, "=")
				if k, ok := listOptions[strings.ToLower(key)]; ok {
					s.Options[k] = strings.ReplaceAll(value, ",", " ")
				}
			}
		}
		fields := strings.Fields(rest)
		if len(fields) < 2 {
			continue
		}
		s.URIs, s.Suites, s.Components = fields[:1], fields[1:2], fields[2:]
		all = append(all, s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// ParseDeb822 reads the style of stanzas: "Types: deb", "URIs: …".
func ParseDeb822(name string, r io.Reader) ([]Source, error) {
	var all []Source
	stanza := make(map[string]string)
	var last string
	end := func() {
		if s, ok := stanzaSource(name, stanza); ok {
			all = append(all, s)
		}
		stanza, last = make(map[string]string), ""
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, sourcesLimit)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), " \t\r")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			if last != "" {
				stanza[last] += "\n" + line
			}
		default:
			key, value, ok := strings.Cut(line, ":")
			if !ok {
				last = ""
				continue
			}
			last = strings.ToLower(strings.TrimSpace(key))
			stanza[last] = strings.TrimSpace(value)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	end()
	return all, nil
}

func stanzaSource(name string, stanza map[string]string) (Source, bool) {
	if !slices.Contains(strings.Fields(stanza["types"]), "deb") || no(stanza["enabled"]) {
		return Source{}, false
	}
	s := Source{
		File:       name,
		URIs:       strings.Fields(stanza["uris"]),
		Suites:     strings.Fields(stanza["suites"]),
		Components: strings.Fields(stanza["components"]),
		Options:    make(map[string]string),
	}
	for _, key := range listOptions {
		if value, ok := stanza[strings.ToLower(key)]; ok {
			s.Options[key] = value
		}
	}
	return s, len(s.URIs) > 0 && len(s.Suites) > 0
}

// no reports whether apt takes the word for a no.
func no(word string) bool {
	return slices.Contains([]string{"no", "false", "without", "off", "disable", "0"}, strings.ToLower(word))
}

// releases are the names of Debian's suites of this archive: what has one is
// either Debian's own archive or something made for it.
var releases = []string{
	"stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid",
	"oldoldstable", "oldstable", "stable", "testing", "unstable",
}

// ErrNoMirror is what FindMirror returns where the machine's sources do not name
// Debian's archive.
var ErrNoMirror = errors.New("no archive of Debian is among the sources of this machine")

// FindMirror returns the source which is Debian's archive itself, reduced to its
// addresses, its component main, and how it is verified.
func FindMirror(sources []Source) (Source, error) {
	best, bestScore := Source{}, 0
	for _, s := range sources {
		if score := s.score(); score > bestScore {
			best, bestScore = s, score
		}
	}
	if bestScore == 0 {
		return Source{}, ErrNoMirror
	}
	return Source{File: best.File, URIs: best.URIs, Components: []string{"main"}, Options: best.Options}, nil
}

// score says how sure it is that a source is Debian's archive; 0 is no.
func (s Source) score() int {
	if !slices.Contains(s.Components, "main") || !s.hasRelease() {
		return 0
	}
	score := 1
	if u, err := url.Parse(s.URIs[0]); err == nil && path.Base(u.Path) == "debian" {
		score += 4
	}
	if strings.Contains(s.Options["Signed-By"], "debian-archive") {
		score += 2
	}
	return score
}

// hasRelease reports whether one of the suites is a release, its updates or its
// backports; security updates are another archive.
func (s Source) hasRelease() bool {
	for _, suite := range s.Suites {
		for _, suffix := range []string{"-proposed-updates", "-updates", "-backports"} {
			suite = strings.TrimSuffix(suite, suffix)
		}
		if slices.Contains(releases, suite) {
			return true
		}
	}
	return false
}

// deb822 writes the source for another suite.
func (s Source) deb822(suite, architecture string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nArchitectures: %s\n",
		strings.Join(s.URIs, " "), suite, strings.Join(s.Components, " "), architecture)
	keys := make([]string, 0, len(s.Options))
	for k := range s.Options {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, "%s: %s\n", k, s.Options[k])
	}
	return b.String()
}
