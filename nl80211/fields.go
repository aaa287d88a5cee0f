package nl80211

import "roamfault/nl80211/dot11"

// fields are the attributes of an event, which has few of them: each is looked
// for.
type fields struct {
	raw   []byte
	fault *fault
}

// find returns a decoder that stands at the first attribute of that number.
func (f *fields) find(kind uint16) (decoder, bool) {
	d := decoder{rest: f.raw, fault: f.fault}
	for d.next() {
		if d.kind == kind {
			return d, true
		}
	}
	return decoder{}, false
}

func (f *fields) has(kind uint16) bool {
	_, ok := f.find(kind)
	return ok
}

// octets returns nil where there is no such attribute, and never nil otherwise.
func (f *fields) octets(kind uint16) []byte {
	d, ok := f.find(kind)
	if !ok {
		return nil
	}
	return d.data
}

func (f *fields) text(kind uint16) string {
	d, ok := f.find(kind)
	if !ok {
		return ""
	}
	return d.text()
}

func (f *fields) addr(kind uint16) dot11.Addr {
	d, ok := f.find(kind)
	if !ok {
		return dot11.Addr{}
	}
	return d.addr()
}

func (f *fields) u8(kind uint16) dot11.Optional[uint8] {
	d, ok := f.find(kind)
	if !ok {
		return dot11.Optional[uint8]{}
	}
	return dot11.Some(d.u8())
}

func (f *fields) u16(kind uint16) uint16 {
	d, ok := f.find(kind)
	if !ok {
		return 0
	}
	return d.u16()
}

func (f *fields) u32(kind uint16) dot11.Optional[uint32] {
	d, ok := f.find(kind)
	if !ok {
		return dot11.Optional[uint32]{}
	}
	return dot11.Some(d.u32())
}

func (f *fields) u64(kind uint16) dot11.Optional[uint64] {
	d, ok := f.find(kind)
	if !ok {
		return dot11.Optional[uint64]{}
	}
	return dot11.Some(d.u64())
}

// each visits the attributes within that of a number.
func (f *fields) each(kind uint16, visit func(*decoder)) {
	d, ok := f.find(kind)
	if !ok {
		return
	}
	for n := d.nested(); n.next(); {
		visit(&n)
	}
}

// all visits all attributes.
func (f *fields) all(visit func(*decoder)) {
	for d := (decoder{rest: f.raw, fault: f.fault}); d.next(); {
		visit(&d)
	}
}

// nested are the attributes within that of a number.
func (f *fields) nested(kind uint16) fields { return fields{raw: f.octets(kind), fault: f.fault} }

// fail notes the first damage.
func (f *fields) fail(err error) {
	if f.fault.err == nil {
		f.fault.err = err
	}
}
