package site

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/hwsim"
)

// Options say what is set up.
type Options struct {
	// Plan is what the lab is made of.
	Plan lab.Plan
	// Here uses the network namespace of the caller's thread in place of one of
	// the lab's own.
	Here bool
	// Country is the regulatory domain to ask the kernel for, such as "US"; it
	// is that of the whole machine. Empty leaves it alone: without one, radios
	// scan by listening alone, which takes seconds.
	Country string
	// Tap sees the frames; nil: nobody does.
	Tap lab.Tap
	// Watch is told what happens at the access points; nil: nobody is.
	Watch func(ap.Event)
}

// Station is a radio for a station.
type Station struct {
	Radio hwsim.Radio
	// Interface is the radio's network interface in the lab's namespace. It is
	// down.
	Interface hwsim.Interface
}

// Site is a lab on the running kernel.
type Site struct {
	namespace *hwsim.Namespace // nil: the caller's
	medium    *hwsim.Medium
	lab       *lab.Lab
	stations  []Station
}

// Open sets a lab up. It does nothing before Run, and stays until Close.
func Open(ctx context.Context, o Options) (_ *Site, err error) {
	network, err := lab.NewNetwork(o.Plan)
	if err != nil {
		return nil, fmt.Errorf("plan the lab: %w", err)
	}
	if err := hwsim.Load(ctx); err != nil {
		return nil, err
	}
	s := &Site{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if !o.Here {
		if s.namespace, err = hwsim.NewNamespace(); err != nil {
			return nil, err
		}
	}
	if s.medium, err = s.openMedium(ctx); err != nil {
		return nil, err
	}
	if err := s.makeStations(ctx, o.Plan.Stations); err != nil {
		return nil, err
	}
	if o.Country != "" {
		if err := s.Do(func() error { return setCountry(ctx, o.Country) }); err != nil {
			return nil, err
		}
	}
	s.lab = lab.New(network, newAcks(s.medium, time.Now), lab.Options{Tap: o.Tap, Watch: o.Watch})
	return s, nil
}

// Radios of a lab that was killed a moment ago are still on their way out: they
// are waited for as long as settling, looked for every settleStep.
const (
	settling   = 2 * time.Second
	settleStep = 50 * time.Millisecond
)

// openMedium registers as the medium of the namespace.
func (s *Site) openMedium(ctx context.Context) (*hwsim.Medium, error) {
	patience, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	for {
		m, err := hwsim.Open(ctx, hwsim.Options{Namespace: s.namespace})
		if err == nil || !errors.Is(err, hwsim.ErrTaken) && !errors.Is(err, hwsim.ErrChannels) {
			return m, err
		}
		select {
		case <-time.After(settleStep):
		case <-patience.Done():
			return nil, err
		}
	}
}

// makeStations makes the radios, which can do multi-link.
func (s *Site) makeStations(ctx context.Context, n int) error {
	for range n {
		radio, err := s.medium.NewRadio(hwsim.RadioConfig{MLO: true})
		if err != nil {
			return err
		}
		interfaces, err := s.medium.Interfaces(ctx, radio)
		if err != nil {
			return err
		}
		if len(interfaces) != 1 {
			return fmt.Errorf("radio %s has %d interfaces, not one", radio.Name, len(interfaces))
		}
		s.stations = append(s.stations, Station{Radio: radio, Interface: interfaces[0]})
	}
	return nil
}

// Run lets the access points work until ctx ends, which is no error.
func (s *Site) Run(ctx context.Context) error { return s.lab.Run(ctx) }

// Lab is what runs.
func (s *Site) Lab() *lab.Lab { return s.lab }

// Stations are the radios made for stations, in the order of their interfaces.
func (s *Site) Stations() []Station { return append([]Station(nil), s.stations...) }

// Stats are the counts of the medium.
func (s *Site) Stats() hwsim.Stats { return s.medium.Stats() }

// Do calls f in the lab's network namespace, on a thread of it: processes that
// f starts are in the lab.
func (s *Site) Do(f func() error) error { return s.namespace.Do(f) }

// Namespace is the path of the lab's own network namespace while this process
// lives, for nsenter --net=PATH; empty where it has none.
func (s *Site) Namespace() string {
	if s.namespace == nil {
		return ""
	}
	return s.namespace.Path()
}

// Close takes everything away. Run must have returned.
func (s *Site) Close() error {
	var errs []error
	if s.medium != nil {
		errs = append(errs, s.medium.Close())
	}
	if s.namespace != nil {
		errs = append(errs, s.namespace.Close())
	}
	return errors.Join(errs...)
}
