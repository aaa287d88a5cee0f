package hwsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/mdlayher/genetlink"
)

// module is the driver's.
const module = "mac80211_hwsim"

// maxSaid is how many octets of what modprobe says go into an error.
const maxSaid = 400

// Load loads the driver without radios, by modprobe. It does nothing where the
// driver is there already, loaded or built in: then radios may be there, too.
func Load(ctx context.Context) error {
	if err := load(ctx, runModprobe); err != nil {
		return fmt.Errorf("load %s: %w", module, err)
	}
	return nil
}

func load(ctx context.Context, modprobe func(context.Context, ...string) (string, error)) error {
	there, err := loaded()
	if err != nil || there {
		return err
	}
	if os.Geteuid() != 0 {
		return ErrPermission
	}
	said, err := modprobe(ctx, module, "radios=0")
	var failed *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w (%w)", ErrModuleFile, err)
	case errors.As(err, &failed) && strings.Contains(said, "not found"):
		return fmt.Errorf("%w (modprobe: %s)", ErrModuleFile, said)
	case errors.As(err, &failed) && strings.Contains(said, "ermitted"):
		return fmt.Errorf("%w (modprobe: %s)", ErrPermission, said)
	case said != "":
		return fmt.Errorf("modprobe: %w: %s", err, said)
	}
	return fmt.Errorf("modprobe: %w", err)
}

// loaded reports whether the driver's family is there.
func loaded() (bool, error) {
	conn, err := genetlink.Dial(nil)
	if err != nil {
		return false, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	c, err := newControl(conn)
	if err != nil {
		_ = conn.Close()
		if errors.Is(err, ErrNoModule) {
			return false, nil
		}
		return false, err
	}
	return true, c.close()
}

// runModprobe runs it and returns what it says in one line. It is looked for
// where the path of a user may not lead, too.
func runModprobe(ctx context.Context, args ...string) (string, error) {
	path, err := exec.LookPath("modprobe")
	if err != nil {
		path = "/sbin/modprobe"
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	said := strings.Join(strings.Fields(out.String()), " ")
	return said[:min(len(said), maxSaid)], err
}
