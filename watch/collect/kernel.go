package collect

import (
	"path"
	"strconv"
	"strings"

	"roamfault/patterns/decode"
)

// readKernel reads what kernel runs.
func readKernel(f Files) Kernel {
	k := Kernel{Release: f.Text("proc/sys/kernel/osrelease"), Version: f.Text("proc/sys/kernel/version")}
	mask, err := strconv.ParseUint(f.Text("proc/sys/kernel/tainted"), 10, 64)
	if err != nil {
		return k
	}
	k.Taint = mask
	for _, t := range decode.Taints(mask) {
		k.Taints += t.Letter
	}
	return k
}

// Module is a loaded kernel module.
type Module struct {
	Name string `json:"name"`
	// Version is what the module says, SrcVersion a hash of its source.
	Version    string `json:"version,omitempty"`
	SrcVersion string `json:"srcversion,omitempty"`
	// Taint are the letters of what the module taints the kernel with: O
	// for one that is not of the kernel's tree.
	Taint string `json:"taint,omitempty"`
	// Parameters are those that are set, by name.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// stack are the modules that every driver rests on.
func stack() []string { return []string{"mac80211", "cfg80211"} }

// mostModules and mostParameters bound what is read.
const (
	mostModules    = 16
	mostParameters = 32
)

// readModules reads the versions of the drivers, of the modules that they share
// code in, and of the stack.
func readModules(f Files, drivers []string) []Module {
	var out []Module
	seen := make(map[string]bool)
	add := func(name string) {
		dir := path.Join("sys/module", decode.ModuleName(name))
		if seen[name] || len(out) >= mostModules || strings.ContainsAny(name, "/.") || !f.Has(dir) {
			return
		}
		seen[name] = true
		m := Module{
			Name: safe(name), Version: f.Text(path.Join(dir, "version")), SrcVersion: f.Text(path.Join(dir, "srcversion")), Taint: f.Text(path.Join(dir, "taint")),
		}
		names, err := f.List(path.Join(dir, "parameters"))
		if err == nil {
			for _, p := range names[:min(len(names), mostParameters)] {
				if v := f.Text(path.Join(dir, "parameters", p)); v != "" {
					if m.Parameters == nil {
						m.Parameters = make(map[string]string)
					}
					m.Parameters[safe(p)] = v
				}
			}
		}
		out = append(out, m)
	}
	for _, d := range drivers {
		add(d)
	}
	// A family's common modules list those that use them as holders.
	all, err := f.List("sys/module")
	if err != nil {
		all = nil
	}
	for range 3 { // mt7925e uses mt7925_common, that mt792x_lib, that mt76
		for _, name := range all {
			if seen[name] {
				continue
			}
			holders, err := f.List(path.Join("sys/module", name, "holders"))
			if err != nil {
				continue
			}
			for _, h := range holders {
				if seen[h] && family(name, h) {
					add(name)
					break
				}
			}
		}
	}
	for _, name := range stack() {
		add(name)
	}
	return out
}

// family reports whether a module is of the driver's vendor rather than of the
// kernel's core: their names begin alike.
func family(name, holder string) bool {
	return len(name) >= 3 && len(holder) >= 3 && name[:3] == holder[:3]
}
