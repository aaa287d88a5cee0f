//go:build !linux

package hwsim

import (
	"context"
	"os"
	"time"
)

// datagrams is what the events of one Receive are made for.
const datagrams = 1

// socket is the one of Linux, which is missing here.
type socket struct{}

func (*socket) receive(time.Time) (n int, overrun bool, err error) { return 0, false, ErrUnsupported }
func (*socket) datagram(int) (b []byte, whole bool)                { return nil, false }
func (*socket) send([]byte) error                                  { return ErrUnsupported }
func (*socket) wake()                                              {}
func (*socket) close() error                                       { return nil }

func open(context.Context, Options) (*Medium, error) { return nil, ErrUnsupported }

func (*Medium) registered(int) error { return ErrUnsupported }

// Load loads the kernel's module. Here there is none: ErrUnsupported.
func Load(context.Context) error { return ErrUnsupported }

// Namespace is a network namespace of Linux.
type Namespace struct{}

// NewNamespace makes one. Here there are none: ErrUnsupported.
func NewNamespace() (*Namespace, error) { return nil, ErrUnsupported }

// Do calls f in the namespace.
func (*Namespace) Do(func() error) error { return ErrUnsupported }

// Path is where other programs find the namespace.
func (*Namespace) Path() string { return os.DevNull }

// Close gives the namespace back.
func (*Namespace) Close() error { return nil }

func (*Namespace) fd() uintptr { return 0 }
