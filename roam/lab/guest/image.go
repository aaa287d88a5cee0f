package guest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"roamfault/roam/lab/guest/debs"
	"roamfault/roam/lab/guest/initramfs"
)

// Progress is what long work says of itself: a step in a few words, and bytes
// done of a total where they are known.
type Progress = debs.Progress

// DefaultKernel is the kernel of an ImageOptions that names none.
const DefaultKernel = "6.12"

// ImageOptions says what Prepare makes. The zero value is a good one.
type ImageOptions struct {
	// Kernel is "6.12", "7.x" (see Kernels), or the path of a kernel image of
	// x86-64. Empty is DefaultKernel.
	Kernel string
	// Modules is the directory with the modules of a kernel image named by its
	// path: that of its release, or one above it. Empty is the machine's
	// /lib/modules/RELEASE, if it is there, else none: such a kernel has to
	// have built in what is needed.
	Modules string
	// Carry are further modules for the guest to have.
	Carry []string
	// Cache is the directory for packages and images; empty is
	// roamfault/lab in the user's directory for caches.
	Cache string
	// Mirror is the address of an archive of Debian; empty is the machine's.
	Mirror string
	// Refresh fetches newer packages in place of those in the cache.
	Refresh bool
	// Offline fails rather than to use the network.
	Offline bool
	// Progress is called now and then, from one goroutine at a time.
	Progress func(Progress)
}

// An Image is what guests boot from, in the cache.
type Image struct {
	Release string `json:"release"` // as uname -r
	Kernel  string `json:"kernel"`  // the path of what QEMU is given
	Root    string `json:"root"`    // the path of the archive all guests have
	// Direct reports that the kernel starts without decompressing itself.
	Direct bool `json:"direct"`
	// Modules are those in the root, each after those it depends on.
	Modules []ImageModule `json:"modules"`
	// Stamps say which packages it was made of.
	Stamps []debs.Stamp `json:"stamps"`
	// Bytes are the sizes of kernel and root.
	KernelBytes int64 `json:"kernel_bytes"`
	RootBytes   int64 `json:"root_bytes"`
}

// An ImageModule is a module in an image.
type ImageModule struct {
	Name    string   `json:"name"`
	Path    string   `json:"path"` // in the guest
	Depends []string `json:"depends,omitempty"`
}

// Kernels are the names Prepare knows besides paths.
func Kernels() ([]string, error) {
	recipe, err := debs.DefaultRecipe()
	if err != nil {
		return nil, err
	}
	var names []string
	for name, set := range recipe.Sets {
		if isKernel(set) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// userSet is the name of the recipe's set of programs.
const userSet = "user"

// isKernel tells a kernel's set from others: it has a version to choose.
func isKernel(set debs.Set) bool { return set.Version != "" }

// imageFormat changes where an image made before would not do any more.
const imageFormat = 1

// imageAge is how long an image stays that nobody uses.
const imageAge = 14 * 24 * time.Hour

// DefaultCache is the directory an empty ImageOptions.Cache stands for.
func DefaultCache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a directory for the cache: %w", err)
	}
	return filepath.Join(dir, "roamfault", "lab"), nil
}

// Prepare returns the image, and fetches and builds what is not in the cache
// yet. Two runs at once wait for each other.
func Prepare(ctx context.Context, o ImageOptions) (*Image, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrUnsupported
	}
	recipe, err := debs.DefaultRecipe()
	if err != nil {
		return nil, err
	}
	if o.Kernel == "" {
		o.Kernel = DefaultKernel
	}
	if o.Cache == "" {
		if o.Cache, err = DefaultCache(); err != nil {
			return nil, err
		}
	}
	if o.Cache, err = filepath.Abs(o.Cache); err != nil {
		return nil, fmt.Errorf("find the cache: %w", err)
	}
	p := &preparation{ImageOptions: o, fetcher: debs.Fetcher{
		Recipe: recipe, Cache: o.Cache, Mirror: o.Mirror, Refresh: o.Refresh, Offline: o.Offline, Progress: o.Progress, Now: time.Now,
	}}
	unlock, err := debs.Lock(ctx, o.Cache, func() { p.say(Progress{Step: "waiting for another run"}) })
	if err != nil {
		return nil, err
	}
	defer unlock()
	image, err := p.prepare(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare a guest with kernel %s: %w", o.Kernel, err)
	}
	return image, nil
}

// preparation is one run of Prepare.
type preparation struct {
	ImageOptions
	fetcher debs.Fetcher
}

func (p *preparation) say(pr Progress) {
	if p.Progress != nil {
		p.Progress(pr)
	}
}

func (p *preparation) prepare(ctx context.Context) (*Image, error) {
	user, err := p.fetch(ctx, userSet)
	if err != nil {
		return nil, err
	}
	src, err := p.kernelSource(ctx)
	if err != nil {
		return nil, err
	}
	stamps := append([]debs.Stamp{user.Stamp}, src.stamps...)
	key, err := p.key(user.Set, src, stamps)
	if err != nil {
		return nil, err
	}
	images := filepath.Join(p.Cache, "images")
	place := filepath.Join(images, key)
	if image, err := readImage(place); err == nil {
		now := time.Now()
		return image, os.Chtimes(place, now, now)
	}
	if err := os.MkdirAll(images, 0o755); err != nil {
		return nil, err
	}
	made, err := os.MkdirTemp(images, "new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(made)
	p.say(Progress{Step: "building the image"})
	if err := p.build(made, user, src, stamps); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(place); err != nil {
		return nil, err
	}
	if err := os.Rename(made, place); err != nil {
		return nil, err
	}
	if err := prune(images, time.Now().Add(-imageAge)); err != nil {
		return nil, err
	}
	return readImage(place)
}

// fetch returns a set; the tools for that are looked for where they are needed.
func (p *preparation) fetch(ctx context.Context, name string) (*debs.Unpacked, error) {
	offline := p.fetcher
	offline.Offline = true
	if !p.Refresh {
		if u, err := offline.Fetch(ctx, name); err == nil || p.Offline {
			return u, err
		}
	}
	if err := missing(packageTools...); err != nil {
		return nil, err
	}
	return p.fetcher.Fetch(ctx, name)
}

// kernelSource is where an image's kernel comes from.
type kernelSource struct {
	image   string
	modules string // empty is none
	stamps  []debs.Stamp
}

func (p *preparation) kernelSource(ctx context.Context) (kernelSource, error) {
	if isKernel(p.fetcher.Recipe.Sets[p.Kernel]) {
		u, err := p.fetch(ctx, p.Kernel)
		if err != nil {
			return kernelSource{}, err
		}
		src := kernelSource{stamps: []debs.Stamp{u.Stamp}}
		if src.image, err = only(u.Dir, "boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz"); err != nil {
			return kernelSource{}, err
		}
		src.modules, err = only(u.Dir, "lib/modules/*", "usr/lib/modules/*")
		return src, err
	}
	if info, err := os.Stat(p.Kernel); err != nil || !info.Mode().IsRegular() {
		known, _ := Kernels()
		return kernelSource{}, fmt.Errorf("neither a file nor one of %v", known)
	}
	image, err := filepath.Abs(p.Kernel)
	return kernelSource{image: image, modules: p.Modules}, err
}

// only returns the one path below dir that one of the patterns matches.
func only(dir string, patterns ...string) (string, error) {
	var all []string
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		all = append(all, paths...)
	}
	if len(all) != 1 {
		return "", fmt.Errorf("%d of %v are in the packages, not one", len(all), patterns)
	}
	return all[0], nil
}

// key tells images apart.
func (p *preparation) key(user debs.Set, src kernelSource, stamps []debs.Stamp) (string, error) {
	type file struct {
		Path string
		Size int64
		Time time.Time
	}
	content := struct {
		Format         int
		Stamps         []debs.Stamp
		Programs       []string
		Files          map[string]string
		Applets, Carry []string
		Kernel         []file
	}{imageFormat, stamps, user.Programs, user.Files, user.Applets, p.Carry, nil}
	for _, path := range []string{src.image, src.modules} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		content.Kernel = append(content.Kernel, file{path, info.Size(), info.ModTime()})
	}
	text, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), nil
}

// kernelLimit is the most a kernel image may have, in bytes.
const kernelLimit = 1 << 30

func (p *preparation) build(dir string, user *debs.Unpacked, src kernelSource, stamps []debs.Stamp) error {
	info, err := os.Stat(src.image)
	if err != nil {
		return err
	}
	if info.Size() > kernelLimit {
		return fmt.Errorf("%s: %d bytes are no kernel", src.image, info.Size())
	}
	b, err := os.ReadFile(src.image)
	if err != nil {
		return err
	}
	kernel, err := initramfs.ParseKernel(b)
	if err != nil {
		return fmt.Errorf("%s: %w", src.image, err)
	}
	tree, err := buildRoot(user)
	if err != nil {
		return err
	}
	image := Image{Release: kernel.Release, Direct: kernel.Direct, Stamps: stamps, KernelBytes: int64(len(kernel.Image))}
	modules, err := p.modules(src, kernel.Release)
	if err != nil {
		return err
	}
	initramfs.AddModules(tree, kernel.Release, modules)
	for _, m := range modules {
		image.Modules = append(image.Modules, ImageModule{Name: m.Name, Path: initramfs.ModulePath(kernel.Release, m), Depends: append(m.Before, m.Depends...)})
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel"), kernel.Image, 0o644); err != nil {
		return err
	}
	if image.RootBytes, err = writeTree(filepath.Join(dir, "root.cpio"), tree); err != nil {
		return err
	}
	text, err := json.MarshalIndent(image, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "image.json"), append(text, '\n'), 0o644)
}

// modules returns the modules for the image.
func (p *preparation) modules(src kernelSource, release string) ([]*initramfs.Module, error) {
	dir := src.modules
	if dir == "" {
		dir = "/lib"
	}
	for _, below := range []string{"lib/modules", "modules", ""} {
		if d := filepath.Join(dir, below, release); release != "" && isDir(d) {
			dir = d
			break
		}
	}
	if src.modules == "" && filepath.Base(dir) != release {
		if len(p.Carry) > 0 {
			return nil, fmt.Errorf("no directory with modules of %s for %v", release, p.Carry)
		}
		return nil, nil
	}
	all, err := initramfs.OpenModules(dir)
	if err != nil {
		return nil, err
	}
	var wanted []Module
	for _, list := range [][]Module{loadedModules, diskModules, carriedModules} {
		wanted = append(wanted, list...)
	}
	for _, name := range p.Carry {
		wanted = append(wanted, Module{Name: name})
	}
	return orderModules(all, wanted)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func writeTree(path string, tree *initramfs.Tree) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := tree.Write(w); err != nil {
		return 0, err
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func readImage(dir string) (*Image, error) {
	text, err := os.ReadFile(filepath.Join(dir, "image.json"))
	if err != nil {
		return nil, err
	}
	var image Image
	if err := json.Unmarshal(text, &image); err != nil {
		return nil, fmt.Errorf("read an image: %w", err)
	}
	image.Kernel, image.Root = filepath.Join(dir, "kernel"), filepath.Join(dir, "root.cpio")
	for path, size := range map[string]int64{image.Kernel: image.KernelBytes, image.Root: image.RootBytes} {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.Size() != size {
			return nil, fmt.Errorf("read an image: %s has %d bytes, not %d", path, info.Size(), size)
		}
	}
	return &image, nil
}

// prune removes images not used since then.
func prune(images string, before time.Time) error {
	entries, err := os.ReadDir(images)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.ModTime().Before(before) {
			if err := os.RemoveAll(filepath.Join(images, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
