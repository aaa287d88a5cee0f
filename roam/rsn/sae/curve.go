package sae

import "fmt"

// curve is arithmetic on points. A point is its uncompressed form: the octet 4
// and both coordinates (SEC 1, 2.3.3); the point at infinity has no such form and
// every operation that meets it fails. Scalars are as long as a coordinate.
type curve interface {
	// check fails unless the point is on the curve.
	check(point []byte) error
	add(p, q []byte) ([]byte, error)
	mult(point, scalar []byte) ([]byte, error)
	// multNegate returns -(scalar · point).
	multNegate(point, scalar []byte) ([]byte, error)
	// shared returns the x coordinate of secret · (scalar · pwe + element).
	shared(pwe, scalar, element, secret []byte) ([]byte, error)
}

// uncompressed is the octet before the coordinates.
const uncompressed = 4

type nistPoint[P any] interface {
	Add(p, q P) P
	Negate(p P) P
	ScalarMult(p P, scalar []byte) (P, error)
	SetBytes([]byte) (P, error)
	Bytes() []byte
	BytesX() ([]byte, error)
}

// nistCurve is a curve of nistec, whose point types share no interface.
type nistCurve[P nistPoint[P]] struct{ point func() P }

func (c *nistCurve[P]) parse(b []byte) (P, error) {
	p, err := c.point().SetBytes(b)
	if err != nil {
		return p, fmt.Errorf("read point: %w", err)
	}
	return p, nil
}

func (c *nistCurve[P]) bytes(p P) ([]byte, error) {
	b := p.Bytes()
	if b[0] != uncompressed {
		return nil, errInfinity
	}
	return b, nil
}

func (c *nistCurve[P]) check(point []byte) error {
	_, err := c.parse(point)
	return err
}

func (c *nistCurve[P]) add(a, b []byte) ([]byte, error) {
	p, err := c.parse(a)
	if err != nil {
		return nil, err
	}
	q, err := c.parse(b)
	if err != nil {
		return nil, err
	}
	return c.bytes(p.Add(p, q))
}

func (c *nistCurve[P]) scale(point, scalar []byte) (P, error) {
	p, err := c.parse(point)
	if err != nil {
		return p, err
	}
	if p, err = c.point().ScalarMult(p, scalar); err != nil {
		return p, fmt.Errorf("multiply point: %w", err)
	}
	return p, nil
}

func (c *nistCurve[P]) mult(point, scalar []byte) ([]byte, error) {
	p, err := c.scale(point, scalar)
	if err != nil {
		return nil, err
	}
	return c.bytes(p)
}

func (c *nistCurve[P]) multNegate(point, scalar []byte) ([]byte, error) {
	p, err := c.scale(point, scalar)
	if err != nil {
		return nil, err
	}
	return c.bytes(c.point().Negate(p))
}

func (c *nistCurve[P]) shared(pwe, scalar, element, secret []byte) ([]byte, error) {
	p, err := c.scale(pwe, scalar)
	if err != nil {
		return nil, err
	}
	e, err := c.parse(element)
	if err != nil {
		return nil, err
	}
	k, err := c.point().ScalarMult(p.Add(p, e), secret)
	if err != nil {
		return nil, fmt.Errorf("multiply point: %w", err)
	}
	x, err := k.BytesX()
	if err != nil {
		return nil, errInfinity
	}
	return x, nil
}
