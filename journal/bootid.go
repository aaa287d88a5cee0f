package journal

import (
	"fmt"
	"os"
	"strings"
)

// BootID returns the id of the boot that runs, as the journal writes it: 32
// hexadecimal digits without dashes. Linux alone tells it (drivers/char/random.c,
// proc_do_uuid); elsewhere, and where /proc is not mounted, it is an error.
func BootID() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("tell which boot this is (is /proc mounted?): %w", err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(b)), "-", ""), nil
}
