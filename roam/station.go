package roam

import (
	"context"
	"errors"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Station is what connects and roams: a supplicant asked in one of its ways, or
// we ourselves.
//
// A request returns when it was taken or refused, not when it is done: that is
// told by events. Requests are made by one goroutine at a time; every one ends
// with its context.
type Station interface {
	// Via is the way: "ctrl", "dbus" or "nl80211".
	Via() string
	// State is what the station itself believes. The truth is nl80211's.
	State(ctx context.Context) (State, error)
	// Candidates are the BSSs of any network that it has among its scan results.
	Candidates(ctx context.Context) ([]Candidate, error)
	// Scan lets it hear anew, and returns when the results are there.
	Scan(ctx context.Context, r ScanRequest) error
	// Connect connects to an access point, and stays there: no connection is there
	// before, or it is ended.
	Connect(ctx context.Context, to Target) error
	// Roam goes to an access point while connected; to the present one it associates
	// anew.
	Roam(ctx context.Context, to Target) error
	// Disconnect leaves the access point, and stays away.
	Disconnect(ctx context.Context) error
	// Events gives what happens, in order. The channel is closed by Close. Who is
	// slow misses lines (Said), and nothing else.
	Events() <-chan Event
	// Close gives up the station. What was changed in a supplicant for roaming is
	// undone; a connection that a supplicant has stays.
	Close() error
}

// Chooser is a Station that can be made to choose by itself.
type Chooser interface {
	// Avoid lets it leave the present access point for any other it likes, which it
	// is not to go back to before Allow.
	Avoid(ctx context.Context, ap runlog.AP) error
	Allow(ctx context.Context) error
}

// Rekeyer is a Station that can ask the access point for new keys.
type Rekeyer interface {
	RequestRekey(ctx context.Context) error
}

// Why a station refuses. They come wrapped.
var (
	// ErrGone: the supplicant has ended, or its interface was taken away. It may
	// come back: an event tells.
	ErrGone = errors.New("the station is gone")
	// ErrBusy: something else is under way; another try may do.
	ErrBusy = errors.New("the station is busy")
	// ErrUnknownTarget: the target is not among its scan results.
	ErrUnknownTarget = errors.New("not among the scan results")
	// ErrSilent: the supplicant does not answer.
	ErrSilent = errors.New("no answer")
)

// Target is where to go.
type Target struct {
	AP runlog.AP
	// BSSID is the link over which authentication and association go; one of
	// AP.Links.
	BSSID dot11.Addr
}

// Link is the link of BSSID.
func (t *Target) Link() runlog.Link {
	l, _ := t.AP.Link(t.BSSID)
	return l
}

// ScanRequest says where to listen, and for whom.
type ScanRequest struct {
	Freqs []int // MHz; none: everywhere
	SSID  []byte
	// Flush forgets older results.
	Flush bool
}

// Phase is how far a station has come, as far as it says.
type Phase string

// The phases.
const (
	PhaseGone           Phase = "gone"     // no supplicant, or no interface
	PhaseDisabled       Phase = "disabled" // the interface is down, or blocked by rfkill
	PhaseDisconnected   Phase = "disconnected"
	PhaseScanning       Phase = "scanning"
	PhaseAuthenticating Phase = "authenticating"
	PhaseAssociating    Phase = "associating"
	PhaseHandshake      Phase = "handshake"
	PhaseConnected      Phase = "connected"
)

// State is what a station says of itself.
type State struct {
	Phase Phase
	BSSID dot11.Addr // of the link of the association; zero: not connected
	MLD   dot11.Addr // zero: no multi-link
	SSID  runlog.SSID
	// Enterprise says that the network is one of 802.1X.
	Enterprise bool
}

// Candidate is a BSS that a station knows.
type Candidate struct {
	BSSID  dot11.Addr
	MLD    dot11.Addr // of its AP MLD; zero: none, or not known
	Link   dot11.Optional[uint8]
	SSID   runlog.SSID
	Freq   int // MHz
	Signal int // dBm
	// Age is since it was last heard; 0 where the station does not tell.
	Age time.Duration
}

// What is what happened.
type What string

// What can happen.
const (
	Said         What = "said"         // a line, and nothing else
	Trying       What = "trying"       // it begins with an access point (authentication)
	Associated   What = "associated"   // association has succeeded
	Secured      What = "secured"      // the 4-way handshake is complete
	Connected    What = "connected"    // the station takes itself for connected
	Disconnected What = "disconnected" // the connection has ended
	Refused      What = "refused"      // an access point or the kernel has refused
	GaveUp       What = "gave-up"      // nobody answered, or the handshake failed
	Gone         What = "gone"         // the supplicant or the interface
	Back         What = "back"         // it is there again
)

// Event is something that happened to a station, or that it said.
type Event struct {
	At   nl80211.Stamp
	What What
	// AP is the address of the access point, as the station tells it: a BSSID or an
	// MLD address; may be zero.
	AP     dot11.Addr
	Status dot11.StatusCode // of Refused; 0 where the kernel refused
	Reason dot11.ReasonCode // of Disconnected
	// Local says that we disconnected ourselves.
	Local bool
	// Record is what was said, for the patterns; nil: nothing.
	Record *journal.Record
}
