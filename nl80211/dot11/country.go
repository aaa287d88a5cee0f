package dot11

import "fmt"

// CountryTriplet are channels with the same limit, or, with First above 200, an
// operating class: extension identifier, class and coverage class (IEEE
// 802.11-2020, 9.4.2.8).
type CountryTriplet struct {
	First    uint8 // number of the first channel
	Count    uint8 // how many channels
	MaxPower int8  // in dBm
}

// Country is the element of that name (IEEE 802.11-2020, 9.4.2.8), number
// ElementCountry.
type Country struct {
	// Code are the two letters of ISO 3166, and a third octet: space for indoor
	// and outdoor, O for outdoor, I for indoor, 4 where operating classes are
	// the global ones.
	Code     [3]byte
	Triplets []CountryTriplet
}

const countryTriplet = 3

// ParseCountry reads the body of a Country element.
func ParseCountry(body []byte) (Country, error) {
	c := cursor{rest: body}
	var country Country
	copy(country.Code[:], c.take(len(country.Code)))
	if err := c.err("country"); err != nil {
		return Country{}, err
	}
	if n := len(c.rest) / countryTriplet; n > 0 {
		country.Triplets = make([]CountryTriplet, n)
	}
	for i := range country.Triplets {
		country.Triplets[i] = CountryTriplet{First: c.u8(), Count: c.u8(), MaxPower: int8(c.u8())}
	}
	// One octet of padding makes the length even.
	if len(c.rest) > 1 {
		return Country{}, fmt.Errorf("parse country: %d octets after %d triplets: %w", len(c.rest), len(country.Triplets), ErrShort)
	}
	return country, nil
}

// Append adds the body of the element, without its header, to b.
func (c *Country) Append(b []byte) []byte {
	start := len(b)
	b = append(b, c.Code[:]...)
	for _, t := range c.Triplets {
		b = append(b, t.First, t.Count, byte(t.MaxPower))
	}
	if (len(b)-start)%2 != 0 {
		b = append(b, 0)
	}
	return b
}

// Element returns the element to be sent.
func (c *Country) Element() Element { return Element{ID: ElementCountry, Body: c.Append(nil)} }

// PowerConstraintElement returns the Power Constraint element: how many dB below
// the limit of the country stations are to stay (IEEE 802.11-2020, 9.4.2.13).
func PowerConstraintElement(dB uint8) Element {
	return Element{ID: ElementPowerConstraint, Body: []byte{dB}}
}
