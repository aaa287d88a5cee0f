package inject

import (
	"context"
	"fmt"
)

// Files of mt76's debugfs directory, and what is written to them.
const (
	// chipReset resets with 1 alone; any other number makes the firmware assert
	// (mt7921/debugfs.c and mt7925/debugfs.c, mt7921_chip_reset and
	// mt7925_chip_reset).
	chipReset = "chip_reset"
	// forceMMIODead is in patched drivers alone: no driver of the kernel's tree has
	// such a file.
	forceMMIODead = "force_mmio_dead"
	now           = "1"
)

func (s *Set) canReset(context.Context) error {
	if err := s.Machine.CanPoke(s.Card, chipReset); err != nil {
		return fmt.Errorf("it takes the driver mt7921 or mt7925: %w", err)
	}
	return nil
}

func (s *Set) chipReset(ctx context.Context, _ Target) (Result, error) {
	return Result{What: "told the driver to reset the chip"}, s.Machine.Poke(ctx, s.Card, chipReset, now)
}

func (s *Set) canForceDead(context.Context) error {
	if err := s.Machine.CanPoke(s.Card, forceMMIODead); err != nil {
		return fmt.Errorf("no driver of the kernel's own tree can do it, only one patched for it: %w", err)
	}
	return nil
}

func (s *Set) forceDead(ctx context.Context, _ Target) (Result, error) {
	return Result{What: "told the driver that the chip reads as dead"}, s.Machine.Poke(ctx, s.Card, forceMMIODead, now)
}
