package nl80211

import (
	"context"
	"time"

	"roamfault/nl80211/dot11"
)

// Event is something that the kernel told by itself, or a gap where it told
// something that was lost.
type Event struct {
	Stamp   Stamp
	Command Command // 0 of an Overrun
	// Wiphy, Interface and Wdev are what it is about: the index of the device, the
	// index of the network interface (0: none), and the kernel's identifier of the
	// interface, as far as the event names them.
	Wiphy     dot11.Optional[int]
	Interface int
	Wdev      dot11.Optional[uint64]
	// Body is what happened: one of the types of this package that have the method
	// Text.
	Body Body
}

// Text is the event as one line of a log, without the interface's name: in the
// kernel's or wpa_supplicant's words where those have any for it.
func (e Event) Text() string { return e.Body.Text() }

// Body is what an event says.
type Body interface {
	// Text is it as one line of a log.
	Text() string
}

// Receive returns the next event: of the groups joined, of frames registered for
// and of connections owned by this Client. Errors other than that of ctx are of
// the socket, which is of no use afterwards.
func (c *Client) Receive(ctx context.Context) (Event, error) {
	a, err := c.port.receive(ctx)
	if err != nil {
		return Event{}, err
	}
	if a.gap {
		return Event{Stamp: a.stamp, Body: Overrun{Lost: a.lost}}, nil
	}
	return DecodeEvent(a.stamp, Command(a.message.Header.Command), a.message.Data), nil
}

// Overrun is a gap in the events: Receive was not called soon enough. What is
// known of the state of anything is to be asked for anew.
type Overrun struct {
	// Lost is how many events there was no room for here; they are missing at this
	// place. 0: the kernel dropped some and does not say how many. It tells that
	// first, so that events that follow may be older than the gap.
	Lost int
}

// Other is an event that has no type of its own, or one that cannot be decoded.
type Other struct {
	Command    Command
	Attributes []byte // as they came
	// Damage says why it cannot be decoded, nil for one that has no type.
	Damage error
}

// ScanStarted tells that a scan began, anybody's.
type ScanStarted struct{ Scan }

// ScanFinished tells that a scan ended and its results are there.
type ScanFinished struct{ Scan }

// ScanAborted tells that a scan ended early; there may be results.
type ScanAborted struct{ Scan }

// Scan is a scan that was asked for.
type Scan struct {
	SSIDs [][]byte
	Freqs []int // MHz
	Flags ScanFlags
}

// Flushed reports whether older results were forgotten.
func (s *Scan) Flushed() bool { return s.Flags&ScanFlush != 0 }

// Frame is a management frame that an event carries.
type Frame struct {
	Raw    []byte // without the FCS
	Header dot11.Header
}

// Authenticated is the access point's Authentication frame, also one that denies.
type Authenticated struct {
	Frame
	Auth dot11.AuthBody
}

// AuthTimeout tells that no Authentication frame came. The kernel forgets the scan
// result with it: another try takes a scan first.
type AuthTimeout struct{ Addr dot11.Addr } // access point; of an AP MLD its MLD address

// Associated is the access point's (Re)Association Response frame, also one that
// denies.
type Associated struct {
	Frame
	Response dot11.AssocResponseBody
	// Damage says from where on the elements of Response cannot be read; nil where
	// all can.
	Damage  error
	Request []byte // the elements of our request
	// Reassociation reports that the frame answers a reassociation.
	Reassociation bool
}

// AssocTimeout tells that no Association Response frame came. The kernel forgets
// the scan results with it, as with AuthTimeout.
type AssocTimeout struct{ Addr dot11.Addr }

// AssocComeback tells that the access point asks to come back, and that the
// kernel will.
type AssocComeback struct {
	Addr  dot11.Addr
	After time.Duration
}

// Deauthenticated is a Deauthentication frame, received or our own.
type Deauthenticated struct{ Leave }

// Disassociated is a Disassociation frame, received or our own.
type Disassociated struct{ Leave }

// UnprotectedDeauth is a Deauthentication frame that came without protection and
// was dropped for it: the sender has no keys, or is a forger.
type UnprotectedDeauth struct{ Leave }

// UnprotectedDisassoc is a Disassociation frame of that kind.
type UnprotectedDisassoc struct{ Leave }

// Leave is a frame that ends something.
type Leave struct {
	Frame
	Reason dot11.ReasonCode
	// Local reports that we sent it, or would have.
	Local bool
	// Reconnect reports that the driver wants to be connected again at once.
	Reconnect bool
}

// Peer returns the access point's address.
func (l *Leave) Peer() dot11.Addr { return l.Header.Addr3 }

// Connected is the outcome of connecting.
type Connected struct {
	// AP is the access point: its BSSID, of a multi-link connection its MLD address;
	// zero in some failures.
	AP     dot11.Addr
	Status dot11.StatusCode
	// TimedOut reports that nobody answered, and TimeoutIn what.
	TimedOut  bool
	TimeoutIn TimeoutReason
	// Links are those of a multi-link connection.
	Links []ConnectedLink
	// Request and Response are the elements of the frames that led to it.
	Request, Response []byte
}

// ConnectedLink is a link of a Connected or Roamed.
type ConnectedLink struct {
	ID    uint8
	BSSID dot11.Addr
	Local dot11.Addr // ours on that link
}

// TimeoutReason is what nobody answered (kernel, enum nl80211_timeout_reason).
type TimeoutReason uint32

// Reasons of TimeoutReason.
const (
	TimeoutUnspecified TimeoutReason = 0
	TimeoutScan        TimeoutReason = 1
	TimeoutAuth        TimeoutReason = 2
	TimeoutAssoc       TimeoutReason = 3
)

// Roamed tells that firmware changed the access point by itself. mac80211 never
// sends it.
type Roamed struct {
	AP                dot11.Addr
	Links             []ConnectedLink
	Request, Response []byte
}

// Disconnected tells that a connection has ended.
type Disconnected struct {
	Reason dot11.ReasonCode // 0 where the kernel gives none
	ByAP   bool
	// Elements are those of the frame that ended it.
	Elements []byte
}

// PortAuthorized tells that the driver did the handshake by itself.
type PortAuthorized struct{ AP dot11.Addr }

// LinksRemoved tells that links of the connection are gone, by the access point's
// will.
type LinksRemoved struct{ Links []uint8 }

// LinksReconfigured tells that a request to add or remove links is done, or that
// the driver added some by itself.
type LinksReconfigured struct {
	// Frame is the access point's Link Reconfiguration frame; Raw is nil where the
	// event has none.
	Frame
	Links []ConnectedLink // added, as far as the event names them
}

// ChannelSwitch tells that a link changes, or has changed, its channel.
type ChannelSwitch struct {
	Link    dot11.Optional[uint8]
	Channel ChannelDef
	// Started reports that it has begun; the switch itself follows after Count
	// beacons, and until then nothing may be sent where Quiet is set.
	Started bool
	Count   int
	Quiet   bool
}

// SignalChange tells that the signal passed a threshold (CQM).
type SignalChange struct {
	Above bool
	Level dot11.Optional[int] // dBm
}

// PacketLoss tells that many frames to a station in a row were not acknowledged
// (CQM).
type PacketLoss struct {
	Peer    dot11.Addr
	Packets int
}

// TxErrors tells that of Packets sent within Interval too many failed (CQM).
type TxErrors struct {
	Peer     dot11.Addr
	Rate     int // percent
	Packets  int
	Interval time.Duration
}

// BeaconLoss tells that the driver hears the access point's beacons no longer
// (CQM).
type BeaconLoss struct{}

// RegChange tells that the regulatory domain has changed.
type RegChange struct {
	Initiator RegInitiator
	Type      RegType
	// Country is ISO 3166 alpha-2 where Type is RegCountry.
	Country string
	// Device reports that it is that of one device (Event.Wiphy) alone.
	Device bool
}

// RegInitiator is who changed the regulatory domain (kernel, enum
// nl80211_reg_initiator).
type RegInitiator uint8

// Who changes the regulatory domain.
const (
	RegByCore    RegInitiator = 0
	RegByUser    RegInitiator = 1
	RegByDriver  RegInitiator = 2
	RegByCountry RegInitiator = 3 // an access point's Country element
)

// RegType is the kind of a regulatory domain (kernel, enum nl80211_reg_type).
type RegType uint8

// Kinds of regulatory domains.
const (
	RegCountry      RegType = 0
	RegWorld        RegType = 1
	RegCustomWorld  RegType = 2
	RegIntersection RegType = 3
)

// InterfaceAdded tells of a new interface.
type InterfaceAdded struct{ Interface }

// InterfaceRemoved tells of an interface that is no more.
type InterfaceRemoved struct{ Interface }

// InterfaceChanged tells that the type or another property of an interface
// changed.
type InterfaceChanged struct{ Interface }

// WiphyAdded tells of a new device, and of one that changed.
type WiphyAdded struct{ Name string }

// WiphyRemoved tells of a device that is no more.
type WiphyRemoved struct{ Name string }

// StationAdded tells of a new peer.
type StationAdded struct{ Station }

// StationRemoved tells of a peer that is no more, with its last figures.
type StationRemoved struct{ Station }

// ControlPortFrame is a frame of the control port, of a connection that this
// Client owns.
type ControlPortFrame struct {
	Src       dot11.Addr // of an AP MLD its MLD address
	EtherType uint16
	Payload   []byte // what follows the EtherType
	// Clear reports that it came unencrypted.
	Clear bool
	Link  dot11.Optional[uint8]
}

// ControlPortSent tells what became of a frame of the control port.
type ControlPortSent struct{ Sent }

// FrameSent tells what became of a management frame.
type FrameSent struct{ Sent }

// Sent is what became of a frame.
type Sent struct {
	Cookie uint64 // what sending it returned
	Acked  bool
	Raw    []byte
}

// FrameReceived is a management frame that was registered for.
type FrameReceived struct {
	Frame
	Freq   int // MHz
	Link   dot11.Optional[uint8]
	Signal dot11.Optional[int] // dBm
}

// OnChannel tells that an interface is on the channel that it shall remain on.
type OnChannel struct {
	Cookie   uint64
	Freq     int // MHz
	Duration time.Duration
}

// OffChannel tells that it is back.
type OffChannel struct {
	Cookie uint64
	Freq   int // MHz, of the channel that it left
}

// MichaelMICFailure tells of a TKIP frame with a wrong MIC.
type MichaelMICFailure struct {
	Addr  dot11.Addr
	Type  KeyType
	Index dot11.Optional[uint8]
}

// Vendor is an event of a driver.
type Vendor struct {
	OUI  uint32 // in the lower three octets
	Sub  uint32
	Data []byte
}
