package debs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed packages.yaml
var packages []byte

// versionWord stands in a package's name for what Set.Version matches.
const versionWord = "VERSION"

// A Recipe names the sets of packages the lab is made of.
type Recipe struct {
	// Architecture of all packages, as Debian calls it.
	Architecture string         `yaml:"architecture"`
	Sets         map[string]Set `yaml:"sets"`
}

// A Set is packages of one suite that are unpacked together.
type Set struct {
	Suite string `yaml:"suite" json:"suite"`
	// Version is a regular expression for what VERSION in a package's name
	// stands for; the newest version of which all packages are there is taken.
	Version  string   `yaml:"version" json:"version,omitempty"`
	Packages []string `yaml:"packages" json:"packages"`
	// Programs are those of the unpacked files a guest needs, with the
	// libraries they are linked to.
	Programs []string `yaml:"programs" json:"-"`
	// Files are other files of a guest: where they go, and where they are.
	Files map[string]string `yaml:"files" json:"-"`
	// Applets are the programs busybox stands in for.
	Applets []string `yaml:"applets" json:"-"`
}

// DefaultRecipe returns the packages this program was made for.
func DefaultRecipe() (*Recipe, error) { return ParseRecipe(packages) }

// ParseRecipe reads a recipe from YAML and checks it.
func ParseRecipe(text []byte) (*Recipe, error) {
	var r Recipe
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&r); err != nil {
		return nil, fmt.Errorf("read the list of packages: %w", err)
	}
	if !names.MatchString(r.Architecture) {
		return nil, errors.New("read the list of packages: no architecture")
	}
	for name, set := range r.Sets {
		if err := set.check(); err != nil {
			return nil, fmt.Errorf("read the list of packages: %s: %w", name, err)
		}
	}
	return &r, nil
}

// names are those of packages, suites and architectures; no option of apt-get
// looks like one.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]*$`)

func (s Set) check() error {
	if !names.MatchString(s.Suite) {
		return fmt.Errorf("suite %q", s.Suite)
	}
	if len(s.Packages) == 0 {
		return errors.New("no packages")
	}
	if _, err := regexp.Compile(s.Version); err != nil {
		return fmt.Errorf("version: %w", err)
	}
	for _, p := range s.Packages {
		if strings.Contains(p, versionWord) && s.Version == "" {
			return fmt.Errorf("package %s without a version", p)
		}
		if !names.MatchString(strings.Replace(p, versionWord, "1", 1)) {
			return fmt.Errorf("package %q", p)
		}
	}
	return nil
}

// key tells recipes of a set apart: what was fetched for another key is of no
// use.
func (s Set) key(architecture string) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(b, architecture...))
	return hex.EncodeToString(sum[:8]), nil
}

// prefixes returns what the names of the set's versioned packages begin with.
func (s Set) prefixes() []string {
	var all []string
	for _, p := range s.Packages {
		if before, _, ok := strings.Cut(p, versionWord); ok {
			all = append(all, before)
		}
	}
	return all
}

// resolve returns the set's packages with VERSION replaced by the newest version
// for which all are among the available ones.
func (s Set) resolve(available []string) (packages []string, version string, err error) {
	if len(s.prefixes()) == 0 {
		return s.Packages, "", nil
	}
	expr, err := regexp.Compile("^(?:" + s.Version + ")$")
	if err != nil {
		return nil, "", fmt.Errorf("read version %q: %w", s.Version, err)
	}
	there := make(map[string]bool, len(available))
	for _, a := range available {
		there[a] = true
	}
	for _, pattern := range s.Packages {
		before, after, ok := strings.Cut(pattern, versionWord)
		if !ok {
			continue
		}
		for _, a := range available {
			v, ok := strings.CutPrefix(a, before)
			if !ok {
				continue
			}
			if v, ok = strings.CutSuffix(v, after); !ok || !expr.MatchString(v) {
				continue
			}
			if s.whole(v, there) && (version == "" || newer(v, version)) {
				version = v
			}
		}
	}
	if version == "" {
		return nil, "", fmt.Errorf("no version of %s is in %s", strings.Join(s.Packages, " and "), s.Suite)
	}
	for _, p := range s.Packages {
		packages = append(packages, strings.Replace(p, versionWord, version, 1))
	}
	return packages, version, nil
}

func (s Set) whole(version string, there map[string]bool) bool {
	for _, p := range s.Packages {
		if strings.Contains(p, versionWord) && !there[strings.Replace(p, versionWord, version, 1)] {
			return false
		}
	}
	return true
}

var numbers = regexp.MustCompile(`[0-9]+`)

// newer reports whether the numbers in a are higher than those in b, the first
// that differ deciding.
func newer(a, b string) bool {
	as, bs := numbers.FindAllString(a, -1), numbers.FindAllString(b, -1)
	for i := range min(len(as), len(bs)) {
		x, xerr := strconv.ParseUint(as[i], 10, 64)
		y, yerr := strconv.ParseUint(bs[i], 10, 64)
		if x != y || xerr != nil || yerr != nil {
			return x > y
		}
	}
	return len(as) > len(bs)
}
