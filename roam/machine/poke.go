package machine

import (
	"context"
	"fmt"
)

// CanPoke reports why a file of mt76's debugfs directory cannot be written; such
// a file does something, once, and there is nothing to be read or undone.
func (m *Machine) CanPoke(c Card, file string) error {
	name, err := mt76File(file)(context.Background(), m, c)
	if err != nil {
		return err
	}
	return m.writable(name)
}

// Poke writes to such a file. The error wraps ErrHung where the driver does not
// come back.
func (m *Machine) Poke(ctx context.Context, c Card, file, value string) error {
	name, err := mt76File(file)(ctx, m, c)
	if err != nil {
		return err
	}
	if err := m.write(ctx, name, value); err != nil {
		return fmt.Errorf("poke the driver: %w", err)
	}
	return nil
}
