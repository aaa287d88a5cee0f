package ctrl

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// locate finds the daemon's socket: path is one, or the directory of them. global
// reports that it is the daemon's global socket, where requests name their
// interface.
func locate(path, iface string) (socket string, global bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false, explain(path, err)
	}
	if !info.IsDir() {
		return path, iface != "" && filepath.Base(path) != iface, nil
	}
	if iface != "" {
		return filepath.Join(path, iface), false, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", false, explain(path, err)
	}
	var names []string
	for _, e := range entries {
		if e.Type()&fs.ModeSocket != 0 && !strings.HasPrefix(e.Name(), "p2p-dev-") && !strings.HasPrefix(e.Name(), ownPrefix) {
			names = append(names, e.Name())
		}
	}
	if len(names) != 1 {
		return "", false, fmt.Errorf("control sockets in %s: %d interfaces %q, name one of them", path, len(names), names)
	}
	return filepath.Join(path, names[0]), false, nil
}

// homes are the directories where our own sockets may be, the best first. A
// daemon with a /tmp of its own (systemd's PrivateTmp) cannot answer to one in
// /tmp.
func homes(dir string) []string {
	if dir != "" {
		return []string{dir}
	}
	if os.Geteuid() == 0 {
		return []string{"/run", os.TempDir()}
	}
	all := []string{os.TempDir()}
	if own := os.Getenv("XDG_RUNTIME_DIR"); own != "" {
		all = append(all, own)
	}
	return all
}
