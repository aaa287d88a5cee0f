package dot11

import (
	"bytes"
	"fmt"
	"slices"
)

// NonInheritance are the elements of a frame that do not hold for a profile in
// it (IEEE 802.11-2020, 9.4.2.240), number ExtNonInheritance.
type NonInheritance struct {
	IDs  []uint8
	Exts []uint8
}

// ParseNonInheritance reads the body of a Non-Inheritance element. The lists
// share its memory.
func ParseNonInheritance(body []byte) (NonInheritance, error) {
	c := cursor{rest: body}
	n := NonInheritance{IDs: c.take(int(c.u8()))}
	n.Exts = c.take(int(c.u8()))
	if err := c.err("non-inheritance"); err != nil {
		return NonInheritance{}, err
	}
	return n, nil
}

// Append adds the body of the element, without its header, to b. Lists of more
// than 255 are cut.
func (n *NonInheritance) Append(b []byte) []byte {
	ids, exts := n.IDs[:min(len(n.IDs), maxElement)], n.Exts[:min(len(n.Exts), maxElement)]
	b = append(append(b, byte(len(ids))), ids...)
	return append(append(b, byte(len(exts))), exts...)
}

// Element returns the element to be sent.
func (n *NonInheritance) Element() Element { return ExtElement(ExtNonInheritance, n.Append(nil)) }

// inheritanceKey is what makes elements the same for inheritance: number, and of
// vendor specific ones organization and type.
type inheritanceKey struct {
	id, ext uint8
	vendor  [4]byte
}

func (e Element) inheritanceKey() inheritanceKey {
	k := inheritanceKey{id: e.ID, ext: e.Ext}
	if e.ID == ElementVendor {
		copy(k.vendor[:], e.Body)
	}
	return k
}

// notInherited are elements of a frame that say nothing of a profile in it.
func notInherited(k inheritanceKey) bool {
	return k.id == ElementExtension && (k.ext == ExtMultiLink || k.ext == ExtNonInheritance)
}

// Inherit returns the elements that hold for the profile of another link: its
// own, and those of the frame around it which it neither repeats nor names in a
// Non-Inheritance element (IEEE 802.11be-2024, 35.3.3). The Multi-Link element
// is not inherited.
func (profile Elements) Inherit(frame Elements) (Elements, error) {
	own := make(map[inheritanceKey]bool, len(profile))
	complete := make(Elements, 0, len(profile)+len(frame))
	var without NonInheritance
	for _, e := range profile {
		if e.ID != ElementExtension || e.Ext != ExtNonInheritance {
			own[e.inheritanceKey()] = true
			complete = append(complete, e)
			continue
		}
		n, err := ParseNonInheritance(e.Body)
		if err != nil {
			return nil, fmt.Errorf("inherit elements: %w", err)
		}
		without.IDs, without.Exts = append(without.IDs, n.IDs...), append(without.Exts, n.Exts...)
	}
	for _, e := range frame {
		k := e.inheritanceKey()
		if !own[k] && !without.names(e) && !notInherited(k) {
			complete = append(complete, e)
		}
	}
	return complete, nil
}

func (n *NonInheritance) names(e Element) bool {
	if e.ID == ElementExtension {
		return slices.Contains(n.Exts, e.Ext)
	}
	return slices.Contains(n.IDs, e.ID)
}

// Deduce returns a short profile from which Inherit makes complete again, in
// whatever order: what the frame around it has just so is left out, and what the
// frame has beyond it is named in a Non-Inheritance element, which comes last.
func (complete Elements) Deduce(frame Elements) Elements {
	around, own := frame.byKey(), complete.byKey()
	var without NonInheritance
	for _, e := range frame {
		k := e.inheritanceKey()
		if len(own[k]) > 0 || notInherited(k) || without.names(e) {
			continue
		}
		if e.ID == ElementExtension {
			without.Exts = append(without.Exts, e.Ext)
		} else {
			without.IDs = append(without.IDs, e.ID)
		}
	}
	profile := make(Elements, 0, len(complete))
	for _, e := range complete {
		k := e.inheritanceKey()
		// Vendor specific elements have one number in common: where one is not
		// inherited, none is.
		if notInherited(k) || without.names(e) || !sameBodies(around[k], own[k]) {
			profile = append(profile, e)
		}
	}
	if len(without.IDs)+len(without.Exts) > 0 {
		profile = append(profile, without.Element())
	}
	return profile
}

func (es Elements) byKey() map[inheritanceKey]Elements {
	m := make(map[inheritanceKey]Elements, len(es))
	for _, e := range es {
		k := e.inheritanceKey()
		m[k] = append(m[k], e)
	}
	return m
}

func sameBodies(a, b Elements) bool {
	return slices.EqualFunc(a, b, func(a, b Element) bool { return bytes.Equal(a.Body, b.Body) })
}
