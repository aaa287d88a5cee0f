package nl80211

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Why something cannot be done, in words that say what to do. They come wrapped
// in what was tried.
var (
	// ErrNoFamily: the kernel does not know the family nl80211.
	ErrNoFamily = errors.New("the kernel has no nl80211: load the module cfg80211, or a wireless driver that needs it")
	// ErrNoGroup: the kernel has no such multicast group.
	ErrNoGroup = errors.New("the kernel's nl80211 has no such multicast group")
	// ErrOverrun: the socket's buffer was full and the kernel dropped messages.
	ErrOverrun = errors.New("the kernel dropped messages, because events were not received soon enough: use one client for events and another for requests")
	// ErrChanging: what was listed changed each time while it was listed.
	ErrChanging = errors.New("the list changed each time while the kernel gave it")
	// ErrNoAnswer: the kernel answered nothing where one message was due.
	ErrNoAnswer = errors.New("the kernel answered nothing")
)

// Error is the kernel's refusal of a request. It unwraps to the errno.
type Error struct {
	// Command is what was asked for.
	Command Command
	// Interface is the index of the interface it was asked for, 0 for none.
	Interface int
	// Errno is why, as a number: EINVAL, ENOENT, ...
	Errno syscall.Errno
	// Message is why, in the kernel's words (extended acknowledgement); empty
	// where it gives none.
	Message string
	// Offset is where in the request the attribute begins that the kernel
	// complains of, in octets from the netlink header; 0 where it names none.
	Offset int
	// Attributes are the numbers of that attribute and those it is nested in,
	// outermost first; nil where Offset is 0 or hits no attribute.
	Attributes []uint16
	// Link is the link in whose part of the request (NL80211_ATTR_MLO_LINKS) that
	// attribute is.
	Link dot11.Optional[uint8]
}

// Error says what was refused, why, and about which attribute and link.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Command.String())
	if e.Interface != 0 {
		fmt.Fprintf(&b, " on interface %d", e.Interface)
	}
	b.WriteString(": ")
	b.WriteString(e.Errno.Error())
	if e.Message != "" {
		fmt.Fprintf(&b, ": kernel reports: %s", e.Message)
	}
	if n := len(e.Attributes); n > 0 {
		fmt.Fprintf(&b, " (%s", e.attribute())
		if e.Link.Present {
			fmt.Fprintf(&b, ", link %d", e.Link.Value)
		}
		b.WriteString(")")
	}
	if e.Errno == syscall.EPERM {
		b.WriteString("; it takes CAP_NET_ADMIN, and a connection that another program owns is not to be touched")
	}
	return b.String()
}

// attribute names the innermost attribute that has a name of its own: within
// lists the numbers count entries.
func (e *Error) attribute() string {
	if len(e.Attributes) == 2 && e.Attributes[0] == attrMLOLinks {
		return AttributeName(attrMLOLinks)
	}
	if len(e.Attributes) > 2 && e.Attributes[0] == attrMLOLinks {
		return AttributeName(e.Attributes[2])
	}
	return AttributeName(e.Attributes[0])
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Text is the refusal as one line of a log, worded as wpa_supplicant words it
// (driver_nl80211.c): "nl80211: kernel reports: ..." where the kernel says why
// in words, and else what the supplicant prints of such a request with its
// errno.
func (e *Error) Text() string { return e.Lines()[0] }

// Lines are all lines that wpa_supplicant has for such a refusal, the one of
// Text first.
func (e *Error) Lines() []string {
	var lines []string
	if e.Message != "" {
		lines = append(lines, "nl80211: kernel reports: "+e.Message)
	}
	if e.Link.Present {
		lines = append(lines, fmt.Sprintf("nl80211: kernel reports error for link: %d", e.Link.Value))
	}
	return append(lines, e.failure())
}

// failures are how wpa_supplicant 2.11 tells that a request failed: with the
// errno, negative, and its text.
var failures = [...]struct {
	command Command
	format  string
}{
	{CommandAuthenticate, "nl80211: MLME command failed (auth): ret=%d (%s)"},
	{CommandAssociate, "nl80211: MLME command failed (assoc): ret=%d (%s)"},
	{CommandNewKey, "nl80211: set_key failed; err=%d %s"},
	{CommandDelKey, "nl80211: set_key failed; err=%d %s"},
	{CommandSetKey, "nl80211: set_key default failed; err=%d %s"},
	{CommandTriggerScan, "nl80211: Scan trigger failed: ret=%d (%s)"},
}

func (e *Error) failure() string {
	for _, f := range failures {
		if f.command == e.Command {
			return fmt.Sprintf(f.format, -int(e.Errno), e.Errno.Error())
		}
	}
	return fmt.Sprintf("nl80211: %v failed: ret=%d (%s)", e.Command, -int(e.Errno), e.Errno.Error())
}

// refusal makes an Error of what the kernel answered to a request; other errors
// stay as they are.
func refusal(err error, command Command, ifindex int, sent netlink.Message) error {
	var op *netlink.OpError
	var errno syscall.Errno
	if !errors.As(err, &op) || op.Sequence == 0 || !errors.As(op.Err, &errno) {
		return err
	}
	e := &Error{Command: command, Interface: ifindex, Errno: errno, Message: op.Message, Offset: op.Offset}
	if at := op.Offset - netlinkHeader - genlHeader; at >= 0 && len(sent.Data) >= genlHeader {
		e.locate(sent.Data[genlHeader:], at)
	}
	return e
}

// locate finds the attribute at or around octet at of b.
func (e *Error) locate(b []byte, at int) {
	for len(b) >= attributeHeader {
		size := int(binary.NativeEndian.Uint16(b))
		raw := binary.NativeEndian.Uint16(b[2:])
		if size < attributeHeader || size > len(b) {
			return
		}
		if at >= size {
			step := min(align(size), len(b))
			b, at = b[step:], at-step
			if at < 0 {
				return
			}
			continue
		}
		e.Attributes = append(e.Attributes, raw&typeMask)
		inner := b[attributeHeader:size]
		if len(e.Attributes) == 2 && e.Attributes[0] == attrMLOLinks {
			e.Link = linkOf(inner)
		}
		if at < attributeHeader || raw&uint16(netlink.Nested) == 0 {
			return
		}
		b, at = inner, at-attributeHeader
	}
}

// linkOf returns the link ID among the attributes of one link.
func linkOf(b []byte) (link dot11.Optional[uint8]) {
	err := decode(b, func(d *decoder) {
		if d.kind == attrMLOLinkID {
			link = dot11.Some(d.u8())
		}
	})
	if err != nil {
		return dot11.Optional[uint8]{}
	}
	return link
}

// familyError names a missing family.
func familyError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoFamily
	}
	return err
}
