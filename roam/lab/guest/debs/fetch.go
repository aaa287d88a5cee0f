package debs

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Progress is what long work says of itself.
type Progress struct {
	// Step is what is done, in a few words.
	Step string
	// Done and Total are bytes; Total is 0 where they are not known.
	Done, Total int64
}

// A Fetcher fills a cache directory, which nobody else may be filling (Lock).
type Fetcher struct {
	Recipe *Recipe
	Cache  string
	// Etc is apt's directory of the machine; nil is /etc/apt.
	Etc fs.FS
	// Mirror is the address of an archive of Debian to be used in place of the
	// machine's.
	Mirror string
	// Refresh fetches what is in the cache already.
	Refresh bool
	// Offline fails rather than to use the network.
	Offline bool
	// Progress is called now and then; nil is fine.
	Progress func(Progress)
	// Now is the time for stamps.
	Now func() time.Time

	updated map[string]*apt
}

// An Unpacked is a set in the cache.
type Unpacked struct {
	Set   Set
	Dir   string // the root of its files
	Stamp Stamp
}

// A Stamp says what was fetched.
type Stamp struct {
	Set      string    `json:"set"`
	Key      string    `json:"key"` // of the recipe
	Suite    string    `json:"suite"`
	Version  string    `json:"version,omitempty"` // what VERSION stood for
	Fetched  time.Time `json:"fetched"`
	Packages []Package `json:"packages"`
}

// A Package is one package's file.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Size    int64  `json:"size"` // of the file, in bytes
	SHA256  string `json:"sha256"`
}

// ErrOffline is what Fetch wraps where a set would have to be fetched and may
// not be.
var ErrOffline = errors.New("not in the cache, and the network may not be used")

// debianKeyring is where Debian's package of its keys puts them.
const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// Fetch returns a set, from the cache where it is there.
func (f *Fetcher) Fetch(ctx context.Context, name string) (*Unpacked, error) {
	set, ok := f.Recipe.Sets[name]
	if !ok {
		return nil, fmt.Errorf("fetch %s: no such set of packages", name)
	}
	key, err := set.key(f.Recipe.Architecture)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	place := filepath.Join(f.Cache, "sets", name)
	u := &Unpacked{Set: set, Dir: filepath.Join(place, "root")}
	// A stamp that is not there, not whole, or for another list of packages
	// means the same: to be fetched.
	if !f.Refresh && u.readStamp(place, key) == nil {
		return u, nil
	}
	if f.Offline {
		return nil, fmt.Errorf("fetch %s: %w", name, ErrOffline)
	}
	u.Stamp = Stamp{Set: name, Key: key, Suite: set.Suite, Fetched: f.Now().UTC()}
	if err := f.fetch(ctx, u, place); err != nil {
		return nil, fmt.Errorf("fetch packages of %s: %w", name, err)
	}
	return u, nil
}

func (u *Unpacked) readStamp(place, key string) error {
	text, err := os.ReadFile(filepath.Join(place, "stamp.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &u.Stamp); err != nil {
		return fmt.Errorf("read the stamp of %s: %w", place, err)
	}
	if u.Stamp.Key != key {
		return fmt.Errorf("%s was fetched for another list of packages", place)
	}
	return nil
}

func (f *Fetcher) say(p Progress) {
	if f.Progress != nil {
		f.Progress(p)
	}
}

// source is the archive to be used.
func (f *Fetcher) source() (Source, error) {
	etc := f.Etc
	if etc == nil {
		etc = os.DirFS("/etc/apt")
	}
	if f.Mirror == "" {
		all, err := ReadSources(etc)
		if err != nil {
			return Source{}, err
		}
		return FindMirror(all)
	}
	s := Source{URIs: []string{f.Mirror}, Components: []string{"main"}, Options: make(map[string]string)}
	if _, err := os.Stat(debianKeyring); err == nil {
		s.Options["Signed-By"] = debianKeyring
	}
	return s, nil
}

// suite returns an apt with the suite's lists as they are now.
func (f *Fetcher) suite(ctx context.Context, suite string) (*apt, error) {
	if a := f.updated[suite]; a != nil {
		return a, nil
	}
	source, err := f.source()
	if err != nil {
		return nil, err
	}
	settings, err := machineSettings(ctx)
	if err != nil {
		return nil, err
	}
	a, err := newAPT(filepath.Join(f.Cache, "apt", suite), source, suite, f.Recipe.Architecture, settings)
	if err != nil {
		return nil, err
	}
	f.say(Progress{Step: "lists of " + suite})
	if err := a.update(ctx); err != nil {
		return nil, err
	}
	if f.updated == nil {
		f.updated = make(map[string]*apt)
	}
	f.updated[suite] = a
	return a, nil
}

func (f *Fetcher) fetch(ctx context.Context, u *Unpacked, place string) error {
	a, err := f.suite(ctx, u.Set.Suite)
	if err != nil {
		return err
	}
	available, err := a.available(ctx, u.Set.prefixes())
	if err != nil {
		return err
	}
	packages, version, err := u.Set.resolve(available)
	if err != nil {
		return err
	}
	u.Stamp.Version = version
	archives, err := a.archives(ctx, packages)
	if err != nil {
		return err
	}
	if len(archives) != len(packages) {
		return fmt.Errorf("%w for %d of %d packages", errNoArchive, len(packages)-len(archives), len(packages))
	}
	downloads := filepath.Join(f.Cache, "downloads", u.Stamp.Set)
	if err := f.download(ctx, a, downloads, archives, u); err != nil {
		return err
	}
	if err := f.unpack(ctx, downloads, archives, u, place); err != nil {
		return err
	}
	for _, p := range u.Stamp.Packages {
		f.say(Progress{Step: "fetched " + p.Name + " " + p.Version, Done: p.Size, Total: p.Size})
	}
	return errors.Join(os.RemoveAll(downloads), a.tidy())
}

// download fetches what is not there yet and verifies all. What an earlier run
// left is gone on with.
func (f *Fetcher) download(ctx context.Context, a *apt, dir string, archives []archive, u *Unpacked) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var missing []string
	var total int64
	for _, ar := range archives {
		total += ar.size
		path := filepath.Join(dir, ar.file)
		if info, err := os.Stat(path); err == nil && info.Size() >= ar.size {
			if _, err := ar.verify(path); err == nil {
				continue
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
		name, version := ar.name()
		missing = append(missing, name+"="+version)
	}
	if len(missing) > 0 {
		stop := f.watch(dir, "packages of "+u.Stamp.Set, total)
		_, err := a.run(ctx, dir, "apt-get", append([]string{"-q", "download"}, missing...)...)
		stop()
		if err != nil {
			return err
		}
	}
	u.Stamp.Packages = nil
	for _, ar := range archives {
		sum, err := ar.verify(filepath.Join(dir, ar.file))
		if err != nil {
			return err
		}
		name, version := ar.name()
		u.Stamp.Packages = append(u.Stamp.Packages, Package{Name: name, Version: version, Size: ar.size, SHA256: sum})
	}
	return nil
}

// watchEvery is how often a download is looked at.
const watchEvery = 250 * time.Millisecond

// watch says how much of a download is there, until stop.
func (f *Fetcher) watch(dir, step string, total int64) (stop func()) {
	if f.Progress == nil {
		return func() {}
	}
	over, gone := make(chan struct{}), make(chan struct{})
	look := func() {
		f.say(Progress{Step: step, Done: min(dirSize(dir), total), Total: total})
	}
	look()
	go func() {
		defer close(gone)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-over:
				look()
				return
			case <-tick.C:
				look()
			}
		}
	}()
	return func() {
		close(over)
		<-gone
	}
}

func dirSize(dir string) int64 {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	var n int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
	}
	return n
}

// hashes are those apt names, by the names it has for them.
var hashes = map[string]func() hash.Hash{"SHA256": sha256.New, "SHA512": sha512.New}

// verify compares a file with what apt's lists say of it and returns its
// SHA-256.
func (ar archive) verify(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	stamp := sha256.New()
	into := io.Writer(stamp)
	var told hash.Hash
	if h, ok := hashes[ar.hash]; ok {
		told = h()
		into = io.MultiWriter(stamp, told)
	}
	n, err := io.Copy(into, file)
	switch {
	case err != nil:
		return "", err
	case n != ar.size:
		return "", fmt.Errorf("%s has %d bytes, not %d", ar.file, n, ar.size)
	case told == nil:
		return "", fmt.Errorf("%s: apt-get names no hash that is known here but %q", ar.file, ar.hash)
	case hex.EncodeToString(told.Sum(nil)) != ar.sum:
		return "", fmt.Errorf("%s has another %s than the archive says", ar.file, ar.hash)
	}
	return hex.EncodeToString(stamp.Sum(nil)), nil
}

// unpack makes the set's directory whole before it gets its name.
func (f *Fetcher) unpack(ctx context.Context, downloads string, archives []archive, u *Unpacked, place string) error {
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	made := place + ".new"
	if err := os.RemoveAll(made); err != nil {
		return err
	}
	defer os.RemoveAll(made)
	root := filepath.Join(made, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	var done, total int64
	for _, p := range u.Stamp.Packages {
		total += p.Size
	}
	for _, ar := range archives {
		f.say(Progress{Step: "unpacking " + u.Stamp.Set, Done: done, Total: total})
		if _, err := run(ctx, "", nil, "dpkg-deb", "-x", filepath.Join(downloads, ar.file), root); err != nil {
			return err
		}
		done += ar.size
	}
	f.say(Progress{Step: "unpacking " + u.Stamp.Set, Done: done, Total: total})
	text, err := json.MarshalIndent(u.Stamp, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(made, "stamp.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return replaceDir(made, place)
}
