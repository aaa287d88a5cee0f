package agent

import (
	"context"
	"fmt"
	"os"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// Attend is the agent's life in a guest whose init is another program, such as
// systemd: it sends the kernel's log and does what the host asks for. Nothing is set
// up, and the clock is left alone. It returns nil when the host wants the power to be
// switched off, which is then the caller's to do.
func Attend(ctx context.Context) error {
	port, err := openPort(PortName)
	if err != nil {
		return err
	}
	s := newServer(port, sinceBoot, waiter{}, func(time.Time) error { return nil })
	if err := s.greet(wire.Hello{Init: sinceBoot(), Loaded: sinceBoot()}); err != nil {
		return err
	}
	go func() {
		if err := forwardKernelLog(s.conn); err != nil {
			fmt.Fprintln(os.Stderr, "guest agent:", err)
		}
	}()
	if err := s.serve(ctx, port); err != nil {
		return err
	}
	return s.conn.Send(wire.KindBye, 0, nil)
}
