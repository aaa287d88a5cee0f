package doctor

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"roamfault/patterns/decode"
)

// mostStack bounds the modules of one driver that are compared.
const mostStack = 32

// stack are the loaded modules of a driver, itself first.
func (m *machine) stack(driver string) []string {
	out := []string{driver}
	for _, d := range m.modules.files[driver].depends {
		if len(out) < mostStack && !slices.Contains(out, d) && m.has(path.Join("sys/module", d)) {
			out = append(out, d)
		}
	}
	return out
}

// checkModules compares what is loaded with what would be loaded. They differ
// after an update of a DKMS module without a reload, and where an initramfs has
// another copy.
func (m *machine) checkModules(context.Context) []Result {
	var out []Result
	seen := make(map[string]bool)
	for _, c := range m.real() {
		if c.driver != "" && !seen[c.driver] {
			seen[c.driver] = true
			r := m.checkStack(c.driver)
			r.Subject = c.driver
			out = append(out, r)
		}
	}
	switch {
	case len(out) > 0:
		return out
	case len(m.real()) == 0:
		return noCard()
	}
	return one(Unknown, "no driver is bound to a card", "see driver")
}

func (m *machine) checkStack(driver string) Result {
	if m.modules.err != nil {
		return Result{State: Unknown, Detail: "the files of the running kernel's modules cannot be listed", Advice: "see kernel"}
	}
	entry, ok := m.modules.files[driver]
	if !ok && m.modules.built[driver] {
		return Result{State: OK, Detail: "built into the kernel"}
	}
	if !ok {
		return Result{
			State: Warning, Detail: "loaded, but no module file of this kernel has that name",
			Advice: "see where it came from (insmod, or a file that is gone since), and run depmod as root",
		}
	}
	var same, unclear []string
	for _, name := range m.stack(driver) {
		file := m.modules.files[name]
		if file.path == "" {
			continue // built in
		}
		loaded, there, compared := m.compare(name, file.path)
		switch {
		case !compared:
			unclear = append(unclear, name)
		case loaded != there:
			return Result{
				State:  Warning,
				Detail: fmt.Sprintf("%s as loaded is not its file %s: loaded is %s, the file %s", name, file.path, loaded, there),
				Advice: fmt.Sprintf("to run the file: reboot, or as root modprobe -r %s and modprobe %s; if it comes back, an old copy is in the initramfs: update-initramfs -u or dracut -f", driver, driver),
			}
		default:
			same = append(same, name)
		}
	}
	if r, trapped := m.shadowed(driver, entry); trapped {
		return r
	}
	if len(same) == 0 || unclear != nil && unclear[0] == driver {
		r := Result{State: Unknown, Detail: fmt.Sprintf("%s cannot be compared with what is loaded", entry.path), Advice: "compare by hand: modinfo -F srcversion " + driver + "; cat /sys/module/" + driver + "/srcversion"}
		if err := m.info(entry.path).err; err != nil {
			r.Detail += ": " + err.Error()
		}
		return r
	}
	r := Result{State: OK, Detail: fmt.Sprintf("as its file %s", entry.path)}
	if len(same) > 1 {
		r.Detail += fmt.Sprintf(", and so are %s", strings.Join(same[1:], ", "))
	}
	if unclear != nil {
		r.Detail += "; not compared: " + strings.Join(unclear, ", ")
	}
	return r
}

// compare returns what tells builds apart, of the module as loaded and of its
// file: the hash of the source, or that of the build, or else whether it belongs
// to the kernel's tree.
func (m *machine) compare(name, file string) (loaded, there string, ok bool) {
	info := m.info(file)
	if info.err != nil {
		return "", "", false
	}
	dir := path.Join("sys/module", name)
	if loaded = m.text(path.Join(dir, "srcversion")); loaded != "" && info.srcVersion != "" {
		return "srcversion " + loaded, "srcversion " + info.srcVersion, true
	}
	if note := m.note(path.Join(dir, "notes", buildIDNote)); note != "" && info.buildID != "" {
		return "build " + note, "build " + info.buildID, true
	}
	// A note or hash that one of them lacks says nothing; the taint of a module
	// from outside does, and only where it can be read.
	if !m.has(path.Join(dir, "taint")) {
		return "", "", false
	}
	tree := map[bool]string{true: "of the kernel's tree", false: "not of the kernel's tree"}
	loaded, there = tree[!strings.Contains(m.text(path.Join(dir, "taint")), "O")], tree[info.inTree]
	return loaded, there, loaded != there
}

// note reads a note of a loaded module, in hex.
func (m *machine) note(name string) string {
	f, err := m.Files.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostValue))
	if err != nil {
		return ""
	}
	return hex.EncodeToString(b)
}

// outside are directories below a kernel's where modules from outside its tree
// are put.
var outside = [...]string{"updates", "extra", "weak-updates"}

// shadowed finds a file of a driver from outside the kernel that modprobe(8) does
// not take: one that depmod(8) does not know, or one of another kernel alone.
func (m *machine) shadowed(driver string, entry moduleFile) (Result, bool) {
	isOutside := func(file string) bool {
		return slices.ContainsFunc(outside[:], func(dir string) bool { return strings.HasPrefix(file, dir+"/") })
	}
	if isOutside(entry.path) {
		if m.has(m.modulePath(entry.path)) {
			return Result{}, false
		}
		return Result{State: Warning, Detail: entry.path + " is listed but is not there", Advice: "depmod as root, and if it is a DKMS module: dkms autoinstall"}, true
	}
	if file := m.outsideFile(m.release, driver); file != "" {
		return Result{
			State: Warning, Detail: fmt.Sprintf("%s is there, but modprobe takes %s", file, entry.path),
			Advice: "depmod as root, then reboot; see that /etc/depmod.d puts updates before built-in",
		}, true
	}
	for _, release := range m.list("lib/modules") {
		if release == m.release {
			continue
		}
		if file := m.outsideFile(release, driver); file != "" {
			return Result{
				State: Warning, Detail: fmt.Sprintf("this kernel runs its own %s, while kernel %s has %s", entry.path, release, file),
				Advice: "if the other driver is wanted: dkms autoinstall -k " + m.release + " as root, then reboot",
			}, true
		}
	}
	return Result{}, false
}

// outsideFile returns a kernel's file of a module from outside its tree, "" for
// none.
func (m *machine) outsideFile(release, driver string) string {
	seen := 0
	for _, dir := range outside {
		root := path.Join("lib/modules", release)
		found := ""
		// What cannot be read has nothing to be told.
		_ = fs.WalkDir(m.Files, path.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
			if seen++; err != nil || seen > mostNames {
				return fs.SkipAll
			}
			if !d.IsDir() && strings.Contains(d.Name(), ".ko") && decode.ModuleName(name) == driver {
				found = strings.TrimPrefix(name, root+"/")
				return fs.SkipAll
			}
			return nil
		})
		if found != "" {
			return found
		}
	}
	return ""
}
