package hwsim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// Interface is a network interface of a radio.
type Interface struct {
	Index int
	Name  string
	Addr  dot11.Addr
}

// Interfaces lists the interfaces of a radio in the medium's namespace.
func (m *Medium) Interfaces(ctx context.Context, radio Radio) (list []Interface, err error) {
	err = m.wireless(func(c *nl80211.Client) error {
		list, err = interfaces(ctx, c, radio.Name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the interfaces of radio %q: %w", radio.Name, err)
	}
	return list, nil
}

// Move puts a radio and its interfaces from the medium's namespace into another
// one. The medium still serves it. Interfaces must be down.
func (m *Medium) Move(ctx context.Context, radio Radio, to *Namespace) error {
	if to == nil {
		return fmt.Errorf("move radio %q: no namespace is given", radio.Name)
	}
	err := m.wireless(func(c *nl80211.Client) error {
		index, err := wiphy(ctx, c, radio.Name)
		if err != nil {
			return err
		}
		return c.MoveWiphy(ctx, index, int(to.fd()))
	})
	if err != nil {
		return fmt.Errorf("move radio %q into another network namespace: %w", radio.Name, permission(err))
	}
	return nil
}

// wireless calls f with a socket to the medium's namespace. The kernel chooses its
// port, and so it is not the medium's: see drawPort.
func (m *Medium) wireless(f func(*nl80211.Client) error) error {
	var c *nl80211.Client
	dial := func() (err error) {
		c, err = nl80211.Dial(nl80211.Config{})
		return err
	}
	if err := m.namespace.Do(dial); err != nil {
		return err
	}
	return both(f(c), c.Close())
}

// wifi is what is asked of nl80211; *nl80211.Client is one.
type wifi interface {
	Wiphys(ctx context.Context) ([]nl80211.Wiphy, error)
	Interfaces(ctx context.Context) ([]nl80211.Interface, error)
}

// interfaces are those of a radio that are network interfaces.
func interfaces(ctx context.Context, c wifi, radio string) ([]Interface, error) {
	index, err := wiphy(ctx, c, radio)
	if err != nil {
		return nil, err
	}
	all, err := c.Interfaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, i := range all {
		if i.Wiphy == index && i.Name != "" {
			list = append(list, Interface{Index: i.Index, Name: i.Name, Addr: i.Addr})
		}
	}
	return list, nil
}

// wiphy is a radio's number.
func wiphy(ctx context.Context, c wifi, radio string) (int, error) {
	all, err := c.Wiphys(ctx)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(all, func(w nl80211.Wiphy) bool { return w.Name == radio })
	if at < 0 {
		return 0, errors.New("it is not in this network namespace")
	}
	return all[at].Index, nil
}
