package hwsim

import (
	"encoding/binary"

	"roamfault/nl80211/dot11"
)

// EventKind is what an Event tells of.
type EventKind uint8

// The kinds of Event.
const (
	// FrameSent: Radio sends Frame and waits for Acknowledge.
	FrameSent EventKind = iota + 1
	// AddressAdded: Radio listens to Addr now. It is told for every interface
	// that is set up, for every link, and for the address of a scan.
	AddressAdded
	// AddressRemoved: Radio listens to Addr no longer.
	AddressRemoved
	// Overrun: frames and answers were lost, because Receive was not called soon
	// enough for the socket's buffer. Their senders see them unacknowledged.
	Overrun
)

// String names the kind.
func (k EventKind) String() string {
	switch k {
	case FrameSent:
		return "frame sent"
	case AddressAdded:
		return "address added"
	case AddressRemoved:
		return "address removed"
	case Overrun:
		return "overrun"
	}
	return "unknown"
}

// Event is something a radio did, or what happened to the medium.
type Event struct {
	Kind EventKind
	// Radio is whose event it is. Zero for Overrun.
	Radio dot11.Addr
	// Addr is that of AddressAdded and AddressRemoved.
	Addr dot11.Addr
	// Frame is that of FrameSent.
	Frame Frame
}

// The sequence numbers of what is sent tell the kernel's answers apart. It
// does not mind that they are always the same.
const (
	seqRegister = iota + 1
	seqInject
	seqStatus
)

// decoder turns datagrams into events, and answers into counts.
type decoder struct {
	family uint16
	counts counters
	gone   bool // the family is no more
}

// datagram appends the events of b to events. Frames stay parts of b.
func (d *decoder) datagram(events []Event, b []byte) []Event {
	for len(b) > 0 {
		m, rest, ok := nextMessage(b)
		if !ok {
			d.counts.malformed.Add(1)
			return events
		}
		b = rest
		switch m.kind {
		case typeNoop, typeDone:
		case typeError:
			d.answer(m)
		case d.family:
			events = d.command(events, m)
		default:
			d.counts.malformed.Add(1)
		}
	}
	return events
}

// command appends the event of a message of the driver. What later drivers say
// besides is left alone.
func (d *decoder) command(events []Event, m message) []Event {
	if len(m.body) < genericHeaderLen {
		d.counts.malformed.Add(1)
		return events
	}
	command, attrs := m.body[0], m.body[genericHeaderLen:]
	events = append(events, Event{})
	e := &events[len(events)-1]
	ok := true
	switch command {
	case commandFrame:
		e.Kind = FrameSent
		ok = decodeFrame(&e.Frame, attrs)
		e.Radio = e.Frame.Radio
		if ok {
			d.counts.frames.Add(1)
		}
	case commandAddAddress:
		e.Kind = AddressAdded
		ok = decodeAddress(e, attrs)
	case commandDelAddress:
		e.Kind = AddressRemoved
		ok = decodeAddress(e, attrs)
	default:
		return events[:len(events)-1]
	}
	if !ok {
		d.counts.malformed.Add(1)
		return events[:len(events)-1]
	}
	return events
}

// decodeAddress reads the attributes that mac80211_hwsim_config_mac_nl writes.
func decodeAddress(e *Event, b []byte) bool {
	var radio, addr bool
	for len(b) > 0 {
		kind, value, rest, ok := nextAttr(b)
		if !ok {
			return false
		}
		b = rest
		switch kind {
		case attrTransmitter:
			radio = len(value) == len(e.Radio)
			copy(e.Radio[:], value)
		case attrReceiver:
			addr = len(value) == len(e.Addr)
			copy(e.Addr[:], value)
		}
	}
	return radio && addr
}

// answer counts what the kernel says to a message of ours.
func (d *decoder) answer(m message) {
	errno, ok := answerErrno(m.body)
	switch {
	case !ok:
		d.counts.malformed.Add(1)
	case errno == 0:
	case errno == enoent:
		d.gone = true
	case errno == einval && m.seq == seqInject:
		d.counts.unheard.Add(1)
	case errno == einval && m.seq == seqStatus:
		d.counts.late.Add(1)
	default:
		d.counts.refused.Add(1)
	}
}

// Error numbers that answers are told apart by; the same on every architecture
// of Linux.
const (
	enoent = 2
	einval = 22
)

// answerErrno returns the positive error number in the body of NLMSG_ERROR, 0
// for success.
func answerErrno(body []byte) (errno int, ok bool) {
	if len(body) < 4 {
		return 0, false
	}
	return -int(int32(binary.NativeEndian.Uint32(body))), true
}
