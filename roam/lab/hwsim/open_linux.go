package hwsim

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// defaultReceiveBuffer holds some thousand frames.
const defaultReceiveBuffer = 8 << 20

// open makes both sockets in the namespace and registers.
func open(ctx context.Context, options Options) (*Medium, error) {
	if options.Rand == nil {
		options.Rand = rand.Reader
	}
	if options.ReceiveBuffer == 0 {
		options.ReceiveBuffer = defaultReceiveBuffer
	}
	var m *Medium
	inside := func() error {
		control, err := dialControl(options.Rand)
		if err != nil {
			return err
		}
		socket, err := dialSocket(options.Rand, options.ReceiveBuffer)
		if err != nil {
			return both(err, control.close())
		}
		m = newMedium(control, socket, options.Namespace)
		return nil
	}
	if err := options.Namespace.Do(inside); err != nil {
		return nil, err
	}
	if err := m.register(ctx); err != nil {
		return nil, both(err, m.Close())
	}
	return m, nil
}

func dialControl(random io.Reader) (*control, error) {
	port, err := drawPort(random)
	if err != nil {
		return nil, err
	}
	conn, err := genetlink.Dial(&netlink.Config{PID: port})
	if err != nil {
		return nil, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	// Old kernels do not say why in words; that is no reason to fail.
	_ = conn.SetOption(netlink.ExtendedAcknowledge, true)
	c, err := newControl(conn)
	if err != nil {
		return nil, both(err, conn.Close())
	}
	return c, nil
}

// registered says what the answer to HWSIM_CMD_REGISTER means, from the function
// hwsim_register_received_nl.
func (m *Medium) registered(errno int) error {
	switch err := unix.Errno(errno); err {
	case 0:
		return nil
	case unix.EPERM:
		return fmt.Errorf("register: %w (%w)", ErrPermission, err)
	case unix.EBUSY:
		return fmt.Errorf("register: %w (%w)", ErrTaken, err)
	case unix.EOPNOTSUPP:
		return fmt.Errorf("register: %w%s (%w)", ErrChannels, m.severalChannels(), err)
	case unix.ENOENT:
		return fmt.Errorf("register: %w (%w)", ErrNoModule, err)
	default:
		return fmt.Errorf("register: %w", err)
	}
}

// severalChannels names the radios of this namespace that stand in the way.
// Those of others cannot be seen.
func (m *Medium) severalChannels() string {
	radios, err := m.control.radios()
	if err != nil {
		return ""
	}
	var names []string
	for _, r := range radios {
		if r.Channels > 1 {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return "; they are in other network namespaces"
	}
	return "; here they are " + strings.Join(names, ", ")
}
