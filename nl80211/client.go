package nl80211

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// familyName is the name of the generic netlink family.
const familyName = "nl80211"

// defaultReadBuffer holds some thousand events.
const defaultReadBuffer = 4 << 20

// Config says how a Client is made. The zero value is good.
type Config struct {
	// NetNS is a file descriptor of the network namespace whose devices are meant;
	// 0 means the calling thread's.
	NetNS int
	// ReadBuffer is how many octets the socket holds of what was not received yet;
	// 0 means 4 MiB. The kernel may grant less.
	ReadBuffer int
	// Clock stamps events; nil means the kernel's clocks.
	Clock Clock
}

// Client is one netlink socket to nl80211. It is safe for use by several
// goroutines; its requests go one after another. Close it when it is no longer
// needed: the connections it owns end then.
type Client struct {
	port   *port
	groups []genetlink.MulticastGroup
}

// Dial opens a socket. Errors wrap ErrNoFamily where the kernel knows no
// wireless devices at all.
func Dial(config Config) (*Client, error) {
	conn, err := genetlink.Dial(&netlink.Config{NetNS: config.NetNS})
	if err != nil {
		return nil, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	// Kernels before 4.12 give no words, and less room is no reason to fail. With
	// CapAcknowledge the library would look for the words in the wrong place.
	_ = conn.SetOption(netlink.ExtendedAcknowledge, true)
	size := config.ReadBuffer
	if size == 0 {
		size = defaultReadBuffer
	}
	_ = conn.SetReadBuffer(size)
	c, err := New(conn, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// New makes a Client of a socket, which is the Client's then. Of config, Clock
// alone counts. On an error the socket stays the caller's.
func New(conn *genetlink.Conn, config Config) (*Client, error) {
	family, err := conn.GetFamily(familyName)
	if err != nil {
		return nil, fmt.Errorf("look up the family %s: %w", familyName, familyError(err))
	}
	clock := config.Clock
	if clock == nil {
		clock = SystemClock
	}
	return &Client{port: newPort(conn, family.ID, clock), groups: family.Groups}, nil
}

// Close closes the socket. Calls under way end with net.ErrClosed. The kernel
// drops what the socket registered and disconnects what it owns.
func (c *Client) Close() error {
	if err := c.port.close(); err != nil {
		return fmt.Errorf("close the netlink socket: %w", err)
	}
	return nil
}

// Group is the name of a multicast group.
type Group string

// The multicast groups of nl80211 (kernel, net/wireless/nl80211.c,
// nl80211_mcgrps).
const (
	GroupConfig     Group = "config"     // devices and interfaces that come and go
	GroupScan       Group = "scan"       // scans that begin and end
	GroupRegulatory Group = "regulatory" // changes of the regulatory domain
	GroupMLME       Group = "mlme"       // authentication, association and what ends them
	GroupVendor     Group = "vendor"     // events of drivers
)

// Groups returns all groups above.
func Groups() []Group {
	return []Group{GroupConfig, GroupScan, GroupRegulatory, GroupMLME, GroupVendor}
}

// Join subscribes to groups. Errors wrap ErrNoGroup where the kernel lacks one;
// those before it are joined then.
func (c *Client) Join(groups ...Group) error {
	for _, g := range groups {
		id, ok := c.groupID(g)
		if !ok {
			return fmt.Errorf("join group %q: %w", g, ErrNoGroup)
		}
		if err := c.port.conn.JoinGroup(id); err != nil {
			return fmt.Errorf("join group %q: %w", g, err)
		}
	}
	return nil
}

func (c *Client) groupID(g Group) (uint32, bool) {
	for _, group := range c.groups {
		if group.Name == string(g) {
			return group.ID, true
		}
	}
	return 0, false
}

// encoding adds the attributes of a request.
type encoding func(*netlink.AttributeEncoder)

// interfaceOnly is a request without further attributes.
func interfaceOnly(*netlink.AttributeEncoder) {}

// call sends a request about an interface (0: none) and returns the answer.
func (c *Client) call(ctx context.Context, command Command, kind requestKind, ifindex int, encode encoding) (answer, error) {
	e := netlink.NewAttributeEncoder()
	if ifindex != 0 {
		e.Uint32(attrIfindex, uint32(ifindex))
	}
	encode(e)
	attributes, err := e.Encode()
	if err != nil {
		return answer{}, fmt.Errorf("%v: encode the request: %w", command, err)
	}
	result, sent, err := c.port.request(ctx, command, kind, attributes)
	if err == nil {
		return result, nil
	}
	refused := refusal(err, command, ifindex, sent)
	if _, ok := refused.(*Error); ok {
		return answer{}, refused
	}
	return answer{}, fmt.Errorf("%v: %w", command, err)
}

// order sends a request that is done or refused.
func (c *Client) order(ctx context.Context, command Command, ifindex int, encode encoding) error {
	_, err := c.call(ctx, command, wantAck, ifindex, encode)
	return err
}

// ask sends a request that one message answers, and decodes it.
func (c *Client) ask(ctx context.Context, command Command, ifindex int, encode encoding, visit func(*decoder)) error {
	result, err := c.call(ctx, command, wantReply, ifindex, encode)
	if err != nil {
		return err
	}
	if len(result.replies) == 0 {
		return fmt.Errorf("%v: %w", command, ErrNoAnswer)
	}
	return c.decodeReply(command, &result.replies[0], visit)
}

func (c *Client) decodeReply(command Command, r *reply, visit func(*decoder)) error {
	if err := decode(r.attributes, visit); err != nil {
		return fmt.Errorf("%v: decode the answer: %w", command, err)
	}
	return nil
}

// maxDumps is how often a list is asked for that changes meanwhile.
const maxDumps = 5

// consistent asks for a list until it did not change meanwhile. The kernel says so
// by a flag, and by a number that is the same in all entries of one state. With
// ErrChanging the last list is returned, too.
func (c *Client) consistent(ctx context.Context, command Command, ifindex int, encode encoding) (answer, error) {
	var result answer
	for range maxDumps {
		var err error
		if result, err = c.call(ctx, command, wantDump, ifindex, encode); err != nil {
			return answer{}, err
		}
		steady, err := isSteady(result.replies)
		if err != nil {
			return answer{}, fmt.Errorf("%v: decode the answer: %w", command, err)
		}
		if steady {
			return result, nil
		}
	}
	return result, fmt.Errorf("%v: %w", command, ErrChanging)
}

// entriesOf asks for a list whose entries are one reply each.
func entriesOf[T any](ctx context.Context, c *Client, command Command, ifindex int, take func(*T, *decoder)) ([]T, error) {
	result, err := c.consistent(ctx, command, ifindex, interfaceOnly)
	if err != nil {
		return nil, err
	}
	entries := make([]T, len(result.replies))
	for i := range result.replies {
		visit := func(d *decoder) { take(&entries[i], d) }
		if err := c.decodeReply(command, &result.replies[i], visit); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// isSteady reports whether a list is of one state.
func isSteady(replies []reply) (bool, error) {
	var first dot11.Optional[uint32]
	steady := true
	for i := range replies {
		if replies[i].interrupted {
			return false, nil
		}
		generation, err := generationOf(replies[i].attributes)
		if err != nil {
			return false, err
		}
		if i == 0 {
			first = generation
		}
		steady = steady && generation == first
	}
	return steady, nil
}

// generationOf finds NL80211_ATTR_GENERATION, which stands before all that is
// long.
func generationOf(attributes []byte) (dot11.Optional[uint32], error) {
	var f fault
	for d := (decoder{rest: attributes, fault: &f}); d.next(); {
		if d.kind == attrGeneration {
			return dot11.Some(d.u32()), f.err
		}
	}
	return dot11.Optional[uint32]{}, f.err
}

// linkID adds a link ID where there is one.
func linkID(e *netlink.AttributeEncoder, link dot11.Optional[uint8]) {
	if link.Present {
		e.Uint8(attrMLOLinkID, link.Value)
	}
}

// octets adds octets where there are any.
func octets(e *netlink.AttributeEncoder, kind uint16, b []byte) {
	if len(b) > 0 {
		e.Bytes(kind, b)
	}
}

// suites adds suite selectors in the kernel's byte order.
func suites(e *netlink.AttributeEncoder, kind uint16, list []dot11.Suite) {
	if len(list) == 0 {
		return
	}
	b := make([]byte, 0, 4*len(list))
	for _, s := range list {
		b = binary.NativeEndian.AppendUint32(b, uint32(s))
	}
	e.Bytes(kind, b)
}
