package decode

import (
	"path"
	"strings"
)

// ModuleName returns a module's name as the kernel writes it, of its name or file:
// mt7925e of "kernel/drivers/.../mt7925e.ko.xz".
func ModuleName(file string) string {
	if file == "" {
		return ""
	}
	base := path.Base(file)
	if at := strings.Index(base, ".ko"); at > 0 {
		base = base[:at]
	}
	return strings.ReplaceAll(base, "-", "_")
}

// ModuleFile is a module as modules.dep(5) lists it.
type ModuleFile struct {
	Name string
	Path string // below /lib/modules/RELEASE
	// Depends are the files of all that it rests on, divided by blanks.
	Depends string
}

// ParseModuleFile reads a line of modules.dep(5); false for one that is none.
func ParseModuleFile(line string) (ModuleFile, bool) {
	file, depends, ok := strings.Cut(line, ":")
	if !ok || file == "" {
		return ModuleFile{}, false
	}
	return ModuleFile{Name: ModuleName(file), Path: file, Depends: strings.TrimSpace(depends)}, true
}
