package dot11

// Subelement is a part of an element that has a number and a length of its own
// (IEEE 802.11-2020, 9.4.3).
type Subelement struct {
	ID   uint8
	Body []byte
}

// parseSubelements reads subelements that are never fragmented to the end of b.
func parseSubelements(b []byte) ([]Subelement, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var subelements []Subelement
	for c := (cursor{rest: b}); len(c.rest) > 0; {
		s := Subelement{ID: c.u8()}
		s.Body = c.take(int(c.u8()))
		if err := c.err("subelement"); err != nil {
			return subelements, err
		}
		subelements = append(subelements, s)
	}
	return subelements, nil
}

func appendSubelements(b []byte, subelements []Subelement) []byte {
	for _, s := range subelements {
		n := min(len(s.Body), maxElement)
		b = append(b, s.ID, byte(n))
		b = append(b, s.Body[:n]...)
	}
	return b
}
