package dot11

import "fmt"

// Element is one information element of a management frame (IEEE 802.11-2020,
// 9.4.2.1).
type Element struct {
	// ID is the element's number, one of Element*. It is never
	// ElementFragment: fragments belong to the element before them.
	ID uint8
	// Ext is the number within ElementExtension, one of Ext*; 0 with every other
	// ID.
	Ext uint8
	// Body is what follows ID, length and Ext, of any length.
	Body []byte
}

// ExtElement returns the element with that extension number and body.
func ExtElement(ext uint8, body []byte) Element {
	return Element{ID: ElementExtension, Ext: ext, Body: body}
}

// maxElement is how much follows the length octet of an element at most.
const maxElement = 255

// Append adds the element as it is sent to b, with Fragment elements where it
// is longer than 255 octets (IEEE 802.11-2020, 10.28.11).
func (e Element) Append(b []byte) []byte {
	if e.ID == ElementExtension {
		return appendFragmented(b, e.ID, ElementFragment, e.Ext, true, e.Body)
	}
	return appendFragmented(b, e.ID, ElementFragment, 0, false, e.Body)
}

// appendFragmented writes a header and a body, and as many fragments as it takes.
func appendFragmented(b []byte, id, fragment, ext uint8, extended bool, body []byte) []byte {
	room := maxElement
	if extended {
		room--
	}
	n := min(len(body), room)
	b = append(b, id, byte(maxElement-room+n))
	if extended {
		b = append(b, ext)
	}
	b = append(b, body[:n]...)
	for body = body[n:]; len(body) > 0; body = body[n:] {
		n = min(len(body), maxElement)
		b = append(b, fragment, byte(n))
		b = append(b, body[:n]...)
	}
	return b
}

// Elements are the elements of a frame in their order.
type Elements []Element

// ParseElements reads elements to the end of b, with their fragments joined
// (IEEE 802.11-2020, 10.28.12). A fragment that no element before it announces
// by a length of 255 is left out, as receivers leave it. Bodies share the memory of b
// where they are not fragmented. After an error the elements before it are
// returned with it.
func ParseElements(b []byte) (Elements, error) {
	count, joined := measureElements(b)
	if count == 0 && len(b) == 0 {
		return nil, nil
	}
	elements := make(Elements, 0, count)
	arena := make([]byte, 0, joined)
	for at := 0; at < len(b); {
		id, body, end, err := nextFragmented(b, at, ElementFragment, &arena)
		if err != nil {
			return elements, fmt.Errorf("parse elements: octet %d: %w", at, err)
		}
		if id == ElementFragment {
			at = end
			continue
		}
		e := Element{ID: id, Body: body}
		if id == ElementExtension {
			if len(body) == 0 {
				return elements, fmt.Errorf("parse elements: octet %d: element 255 without extension: %w", at, ErrShort)
			}
			e.Ext, e.Body = body[0], body[1:len(body):len(body)]
		}
		elements = append(elements, e)
		at = end
	}
	return elements, nil
}

// measureElements counts elements, and the octets of those that are in
// fragments, so that one allocation each is enough.
func measureElements(b []byte) (count, joined int) {
	for at := 0; at+2 <= len(b); {
		n := int(b[at+1])
		id := b[at]
		at += 2 + n
		if id == ElementFragment {
			continue
		}
		count++
		total := n
		for n == maxElement && at+2 <= len(b) && b[at] == ElementFragment {
			n = int(b[at+1])
			total += n
			at += 2 + n
		}
		if total > maxElement {
			joined += total
		}
	}
	return count, min(joined, len(b))
}

// nextFragmented reads the element or subelement at b[at] with its fragments. A
// body of several fragments is put together in arena.
func nextFragmented(b []byte, at int, fragment uint8, arena *[]byte) (id uint8, body []byte, end int, err error) {
	if len(b)-at < 2 {
		return 0, nil, at, fmt.Errorf("header: %w", ErrShort)
	}
	id = b[at]
	n := int(b[at+1])
	end = at + 2 + n
	if end > len(b) {
		return 0, nil, at, fmt.Errorf("element %d of %d octets: %w", id, n, ErrShort)
	}
	body = b[at+2 : end : end]
	if id == fragment || n < maxElement || end+2 > len(b) || b[end] != fragment {
		return id, body, end, nil
	}
	start := len(*arena)
	*arena = append(*arena, body...)
	for n == maxElement && end+2 <= len(b) && b[end] == fragment {
		n = int(b[end+1])
		if end+2+n > len(b) {
			return 0, nil, at, fmt.Errorf("fragment of element %d: %w", id, ErrShort)
		}
		*arena = append(*arena, b[end+2:end+2+n]...)
		end += 2 + n
	}
	stop := len(*arena)
	return id, (*arena)[start:stop:stop], end, nil
}

// Append adds all elements as they are sent to b.
func (es Elements) Append(b []byte) []byte {
	for _, e := range es {
		b = e.Append(b)
	}
	return b
}

// Len returns how many octets Append adds.
func (es Elements) Len() int {
	total := 0
	for _, e := range es {
		total += e.Len()
	}
	return total
}

// Len returns how many octets Append adds.
func (e Element) Len() int {
	n := len(e.Body)
	if e.ID == ElementExtension {
		n++
	}
	return n + 2*max(1, (n+maxElement-1)/maxElement)
}

// Find returns the body of the first element with that ID.
func (es Elements) Find(id uint8) (body []byte, ok bool) { return es.find(id, 0) }

// FindExt returns the body of the first element with that extension number.
func (es Elements) FindExt(ext uint8) (body []byte, ok bool) { return es.find(ElementExtension, ext) }

func (es Elements) find(id, ext uint8) ([]byte, bool) {
	for i := range es {
		if es[i].ID == id && es[i].Ext == ext {
			return es[i].Body, true
		}
	}
	return nil, false
}

// FindVendor returns what follows organization and type in the first vendor
// specific element with those.
func (es Elements) FindVendor(oui OUI, kind uint8) (content []byte, ok bool) {
	for i := range es {
		b := es[i].Body
		if es[i].ID == ElementVendor && len(b) >= 4 && OUI(b[:3]) == oui && b[3] == kind {
			return b[4:], true
		}
	}
	return nil, false
}

// Without returns the elements without those of that ID and extension number (0
// but for ElementExtension). The receiver stays as it is.
func (es Elements) Without(id, ext uint8) Elements {
	kept := make(Elements, 0, len(es))
	for _, e := range es {
		if e.ID != id || e.Ext != ext {
			kept = append(kept, e)
		}
	}
	return kept
}

// OUI is an organizationally unique identifier in the order it is sent in.
type OUI [3]byte

// MicrosoftOUI returns 00-50-F2, under which Wi-Fi Alliance has WMM.
func MicrosoftOUI() OUI { return OUI{0x00, 0x50, 0xf2} }

// WiFiAllianceOUI returns 50-6F-9A.
func WiFiAllianceOUI() OUI { return OUI{0x50, 0x6f, 0x9a} }

// VendorElement returns the vendor specific element (IEEE 802.11-2020,
// 9.4.2.25) of that organization and type.
func VendorElement(oui OUI, kind uint8, content []byte) Element {
	body := make([]byte, 0, 4+len(content))
	body = append(body, oui[:]...)
	body = append(body, kind)
	return Element{ID: ElementVendor, Body: append(body, content...)}
}
