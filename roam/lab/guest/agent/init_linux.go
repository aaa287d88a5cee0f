package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"roamfault/roam/lab/guest/wire"
)

// IsInit reports whether this process is the init of a lab guest.
func IsInit() bool {
	if os.Getpid() != 1 || len(os.Args) == 0 || os.Args[0] != InitPath {
		return false
	}
	_, err := os.Stat(ConfigFile)
	return err == nil
}

// Init is the whole life of a guest and does not return: the power is off after
// it. What goes wrong is said on the console, which the host reads. Where IsInit
// is false it does nothing: it would end the machine it runs on.
func Init() {
	if !IsInit() {
		return
	}
	begun := sinceBoot()
	if err := live(begun); err != nil {
		fmt.Fprintln(os.Stderr, "guest init:", err)
	}
	if err := powerOff(); err != nil {
		fmt.Fprintln(os.Stderr, "guest init: power off:", err)
	}
	// An init that ends makes the kernel panic, which ends the machine, too.
	os.Exit(1)
}

func live(begun time.Duration) (err error) {
	text, err := os.ReadFile(ConfigFile)
	if err != nil {
		return err
	}
	var config Config
	if err := json.Unmarshal(text, &config); err != nil {
		return fmt.Errorf("read %s: %w", ConfigFile, err)
	}
	missing, err := setUp(config.Hostname)
	if err != nil {
		return err
	}
	loaded, notLoaded := loadModules(config.Modules)
	port, err := openPort(PortName)
	if err != nil {
		return err
	}
	s := newServer(port, sinceBoot, newReaper(), setClock)
	defer func() {
		if err == nil {
			unix.Sync()
			err = s.conn.Send(wire.KindBye, 0, nil)
		}
	}()
	if err := s.greet(wire.Hello{
		Init:    begun,
		Loaded:  sinceBoot(),
		Modules: loaded,
		Missing: append(missing, notLoaded...),
	}); err != nil {
		return err
	}
	go func() {
		if err := forwardKernelLog(s.conn); err != nil {
			fmt.Fprintln(os.Stderr, "guest init:", err)
		}
	}()
	return s.serve(context.Background(), port)
}

// Serve does for the host what a guest does, on this machine as it is: nothing
// is set up, the clock is left alone, and the kernel's log is not sent. It
// returns when the stream ends, with an error, or when the host is done with it.
func Serve(ctx context.Context, port io.ReadWriter) error {
	s := newServer(port, sinceBoot, waiter{}, func(time.Time) error { return nil })
	if err := s.greet(wire.Hello{Init: sinceBoot(), Loaded: sinceBoot()}); err != nil {
		return err
	}
	if err := s.serve(ctx, port); err != nil {
		return err
	}
	return s.conn.Send(wire.KindBye, 0, nil)
}
