package doctor

import (
	"io/fs"
	"path"
	"strings"

	"roamfault/patterns/decode"
)

// moduleIndex is what depmod(8) says of the modules of the running kernel.
type moduleIndex struct {
	dir   string // "lib/modules/6.18.2"
	files map[string]moduleFile
	built map[string]bool // into the kernel
	err   error           // why there is nothing in it
}

// moduleFile is a module as modules.dep lists it.
type moduleFile struct {
	path    string   // below the index's directory
	depends []string // names of all that it rests on
}

func (m *machine) readModuleIndex() *moduleIndex {
	index := &moduleIndex{dir: path.Join("lib/modules", m.release), files: make(map[string]moduleFile), built: make(map[string]bool)}
	if m.release == "" || strings.ContainsAny(m.release, "/ ") {
		index.err = fs.ErrNotExist
		return index
	}
	index.err = m.lines(path.Join(index.dir, "modules.dep"), func(line string) bool {
		file, ok := decode.ParseModuleFile(line)
		if !ok || len(index.files) >= mostNames {
			return ok
		}
		entry := moduleFile{path: file.Path}
		for d := range strings.FieldsSeq(file.Depends) {
			entry.depends = append(entry.depends, decode.ModuleName(d))
		}
		index.files[file.Name] = entry
		return true
	})
	if index.err == nil {
		// Kernels without any of them have no such file.
		_ = m.lines(path.Join(index.dir, "modules.builtin"), func(line string) bool {
			index.built[decode.ModuleName(strings.TrimSpace(line))] = true
			return len(index.built) < mostNames
		})
	}
	return index
}

// moduleFor returns the module that modprobe(8) would load for a device.
func (m *machine) moduleFor(modalias string) (string, error) {
	if modalias == "" || m.modules.err != nil {
		return "", m.modules.err
	}
	var found string
	err := m.lines(path.Join(m.modules.dir, "modules.alias"), func(line string) bool {
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != "alias" {
			return true
		}
		if ok, err := path.Match(words[1], modalias); err == nil && ok {
			found = decode.ModuleName(words[2])
		}
		return found == ""
	})
	return found, err
}
