package rsn

import (
	"encoding/binary"
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Contents are key data by what they say. Items of unknown kinds are left out;
// what may stand there once only is refused when it comes twice.
type Contents struct {
	RSNE     []byte // whole element; nil: none
	RSNXE    []byte // whole element; nil: none
	PMKID    *keys.PMKID
	Addr     *dot11.Addr
	OCI      *OCI
	Lifetime *time.Duration
	Groups   []GroupKDE // one for each use and link
	Links    []MLOLink  // one for each link
}

// ReadContents sorts the items of key data. Keys share the items' memory.
func ReadContents(items []KDE) (Contents, error) {
	var c Contents
	for _, k := range items {
		if err := c.read(k); err != nil {
			return Contents{}, err
		}
	}
	return c, nil
}

func (c *Contents) read(k KDE) error {
	switch k.ID {
	case dot11.ElementRSN:
		return element(&c.RSNE, k)
	case dot11.ElementRSNX:
		return element(&c.RSNXE, k)
	}
	s, ok := k.Selector()
	if !ok {
		return nil
	}
	data := k.Data()
	switch s {
	case SelectPMKID:
		return once(&c.PMKID, s, len(keys.PMKID{}), data, func(b []byte) keys.PMKID { return keys.PMKID(b) })
	case SelectAddr:
		return once(&c.Addr, s, len(dot11.Addr{}), data, func(b []byte) dot11.Addr { return dot11.Addr(b) })
	case SelectOCI:
		return once(&c.OCI, s, 3, data, func(b []byte) OCI { return OCI{b[0], b[1], b[2]} })
	case SelectLifetime:
		return once(&c.Lifetime, s, 4, data, func(b []byte) time.Duration {
			return time.Duration(binary.BigEndian.Uint32(b)) * time.Second
		})
	case SelectMLOLink:
		return c.readLink(k)
	}
	if _, ok := groupSelector(s); ok {
		return c.readGroup(k)
	}
	return nil
}

func (c *Contents) readLink(k KDE) error {
	l, err := ParseMLOLink(k)
	if err != nil {
		return err
	}
	if c.link(l.Link) != nil {
		return fmt.Errorf("key data with two MLO link KDEs of link %d: %w", l.Link, ErrMalformed)
	}
	c.Links = append(c.Links, l)
	return nil
}

func (c *Contents) readGroup(k KDE) error {
	g, err := ParseGroupKDE(k)
	if err != nil {
		return err
	}
	if c.group(g.Use, g.MLO, g.Link) != nil {
		return fmt.Errorf("key data with two %vs of link %d: %w", g.Use, g.Link, ErrMalformed)
	}
	c.Groups = append(c.Groups, g)
	return nil
}

// link returns the MLO link KDE of that link, nil where there is none. There
// are no more than 16.
func (c *Contents) link(id uint8) *MLOLink {
	for i := range c.Links {
		if c.Links[i].Link == id {
			return &c.Links[i]
		}
	}
	return nil
}

// group returns the group key of that use and link, nil where there is none.
func (c *Contents) group(use Use, mlo bool, link uint8) *GroupKDE {
	for i := range c.Groups {
		if g := &c.Groups[i]; g.Use == use && g.MLO == mlo && (!mlo || g.Link == link) {
			return g
		}
	}
	return nil
}

func element(into *[]byte, k KDE) error {
	if *into != nil {
		return fmt.Errorf("key data with element %d twice: %w", k.ID, ErrMalformed)
	}
	*into = append([]byte{k.ID, byte(len(k.Body))}, k.Body...)
	return nil
}

func once[T any](into **T, s Selector, n int, data []byte, read func([]byte) T) error {
	if *into != nil {
		return fmt.Errorf("key data with %v twice: %w", s, ErrMalformed)
	}
	if len(data) != n {
		return fmt.Errorf("%v of %d octets: %w", s, len(data), ErrMalformed)
	}
	v := read(data)
	*into = &v
	return nil
}
