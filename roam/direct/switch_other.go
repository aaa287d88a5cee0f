//go:build !linux

package direct

import (
	"errors"
	"fmt"
)

// ioctls is the Switch of the running system, which is Linux only.
type ioctls struct{}

func (ioctls) Up(name string) (bool, error) {
	return false, fmt.Errorf("ask whether %s is up: %w", name, errors.ErrUnsupported)
}

func (ioctls) Set(name string, _ bool) error {
	return fmt.Errorf("take %s up or down: %w", name, errors.ErrUnsupported)
}
