package stress

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"roamfault/roam/machine"
)

// A log that a dying process still has is waited for.
func TestRestoreDead(t *testing.T) {
	root, undo := t.TempDir(), filepath.Join(t.TempDir(), "undo")
	for name, text := range map[string]string{"etc/machine-id": "00112233445566778899aabbccddeeff", "proc/sys/kernel/random/boot_id": "01234567-89ab-cdef-0123-456789abcdef"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	system := &System{Machine: &machine.Machine{Root: root}, Undo: undo, Storage: machine.Disk{}}
	host, err := system.Machine.Host()
	if err != nil {
		t.Fatal(err)
	}
	dying, err := machine.Open(undo, machine.Disk{}, host)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), system); err == nil {
		t.Error("a log that another has was opened")
	}
	closed := make(chan error, 1)
	time.AfterFunc(3*letGoStep, func() { closed <- dying.Close() })
	if _, err := RestoreDead(t.Context(), system); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
