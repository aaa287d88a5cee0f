package guest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"roamfault/roam/lab/guest/agent"
	"roamfault/roam/lab/guest/initramfs"
)

// writeArchive writes all a guest has in memory when it starts: the image's
// root, the program, and the files of the options.
func writeArchive(w io.Writer, image *Image, o Options) error {
	root, err := os.Open(image.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	if _, err := io.Copy(w, root); err != nil {
		return fmt.Errorf("copy the root: %w", err)
	}
	own, err := ownTree(image, o)
	if err != nil {
		return err
	}
	return own.Write(w)
}

// covered are directories the init mounts something on.
var covered = []string{"dev", "proc", "sys"}

// ownTree is what one guest has besides its image.
func ownTree(image *Image, o Options) (*initramfs.Tree, error) {
	t := initramfs.NewTree()
	program, err := readProgram(o.Program)
	if err != nil {
		return nil, err
	}
	t.File(agent.InitPath, 0o755, program)
	modules, err := image.load(o)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(agent.Config{Hostname: o.Hostname, Modules: modules})
	if err != nil {
		return nil, err
	}
	t.File(agent.ConfigFile, 0o644, config)
	for _, f := range o.Files {
		if top, _, _ := strings.Cut(strings.TrimPrefix(path.Clean(f.Path), "/"), "/"); slices.Contains(covered, top) {
			return nil, fmt.Errorf("put a file at %s: the kernel's own file system will be there", f.Path)
		}
		data, mode, err := f.read()
		if err != nil {
			return nil, err
		}
		t.File(f.Path, uint32(mode), data)
	}
	return t, nil
}

func readProgram(name string) ([]byte, error) {
	if name == "" {
		var err error
		if name, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the running program: %w", err)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("take the guest's init: %w", err)
	}
	defer f.Close()
	if err := initramfs.CheckStatic(f); err != nil {
		return nil, fmt.Errorf("take %s for the guest's init: %w", name, err)
	}
	return io.ReadAll(f)
}

// check says what is wrong with where the file is to go.
func (f File) check() error {
	if !path.IsAbs(f.Path) || path.Clean(f.Path) == "/" {
		return fmt.Errorf("put a file at %q: not an absolute path", f.Path)
	}
	return nil
}

func (f File) read() ([]byte, os.FileMode, error) {
	if err := f.check(); err != nil {
		return nil, 0, err
	}
	r, mode, err := f.open()
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, fmt.Errorf("put a file at %s: %w", f.Path, err)
	}
	return data, mode, nil
}

// load returns the modules the guest's init loads, in order.
func (m *Image) load(o Options) ([]agent.Module, error) {
	wanted := o.Load
	if wanted == nil {
		wanted = loadedModules
	}
	if len(o.Disks) > 0 {
		wanted = append(append([]Module(nil), wanted...), diskModules...)
	}
	have := make(map[string]ImageModule, len(m.Modules))
	for _, mod := range m.Modules {
		have[mod.Name] = mod
	}
	needed, params := make(map[string]bool), make(map[string]string)
	var need func(name string)
	need = func(name string) {
		if mod, ok := have[name]; ok && !needed[name] {
			needed[name] = true
			for _, d := range mod.Depends {
				need(d)
			}
		}
	}
	for _, w := range wanted {
		name := initramfs.ModuleName(w.Name)
		if _, ok := have[name]; !ok && !w.Optional {
			return nil, fmt.Errorf("load module %s: not in the image: %w", w.Name, initramfs.ErrNoModule)
		}
		need(name)
		params[name] = w.Params
	}
	var list []agent.Module
	for _, mod := range m.Modules {
		if needed[mod.Name] {
			list = append(list, agent.Module{Name: mod.Name, Path: mod.Path, Params: params[mod.Name]})
		}
	}
	return list, nil
}
