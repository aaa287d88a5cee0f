package nl80211

import (
	"context"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// AuthType is how to authenticate (kernel, enum nl80211_auth_type).
type AuthType uint32

// Ways to authenticate.
const (
	AuthOpen      AuthType = 0
	AuthSharedKey AuthType = 1
	AuthFT        AuthType = 2
	AuthSAE       AuthType = 4
	AuthFILSSK    AuthType = 5
	AuthFILSSKPFS AuthType = 6
	AuthFILSPK    AuthType = 7
)

// AuthRequest asks for one exchange of Authentication frames. SAE takes two: its
// commit and its confirm.
type AuthRequest struct {
	Interface int
	// BSSID and Freq (MHz) name the access point, of an AP MLD its link over which to
	// authenticate. It must be among the scan results with this SSID.
	BSSID dot11.Addr
	Freq  int
	SSID  []byte
	Type  AuthType
	// MLD is present to authenticate with an AP MLD as a whole.
	MLD dot11.Optional[MLDTarget]
	// Elements are added to the frame (FT, FILS).
	Elements []byte
	// Data is what the frame has behind the algorithm: transaction number, status and
	// what follows. It is needed with SAE and FILS, and only there.
	Data []byte
}

// MLDTarget is an AP MLD, and the link that a request is about.
type MLDTarget struct {
	Addr dot11.Addr // MLD address
	Link uint8
}

// Authenticate begins to authenticate. The access point's frame, or that none
// came, is an event: Authenticated or AuthTimeout. A connection to another access
// point ends with it. The error is ENOENT where the access point is not, or no
// longer, among the scan results.
func (c *Client) Authenticate(ctx context.Context, r AuthRequest) error {
	return c.order(ctx, CommandAuthenticate, r.Interface, r.encode)
}

func (r *AuthRequest) encode(e *netlink.AttributeEncoder) {
	e.Bytes(attrMAC, r.BSSID[:])
	e.Uint32(attrWiphyFreq, uint32(r.Freq))
	e.Bytes(attrSSID, r.SSID)
	e.Uint32(attrAuthType, uint32(r.Type))
	octets(e, attrIE, r.Elements)
	octets(e, attrAuthData, r.Data)
	if r.MLD.Present {
		e.Uint8(attrMLOLinkID, r.MLD.Value.Link)
		e.Bytes(attrMLDAddr, r.MLD.Value.Addr[:])
	}
}

// WPAVersions are the generations of security in use (kernel, enum
// nl80211_wpa_versions).
type WPAVersions uint32

// Bits of WPAVersions. With SAE supplicants give WPA2.
const (
	WPA1 WPAVersions = 1 << 0
	WPA2 WPAVersions = 1 << 1
	WPA3 WPAVersions = 1 << 2
)

// Crypto is the security of a connection; the RSN element among the elements of
// the request must say the same. The zero value is none.
type Crypto struct {
	Versions WPAVersions
	Pairwise dot11.Suite
	Group    dot11.Suite
	AKMs     []dot11.Suite
	// MFP asks for protected management frames.
	MFP bool
}

func (c *Crypto) encode(e *netlink.AttributeEncoder) {
	if c.Versions != 0 {
		e.Uint32(attrWPAVersions, uint32(c.Versions))
	}
	if c.Pairwise != 0 {
		suites(e, attrCipherSuitesPairwise, []dot11.Suite{c.Pairwise})
	}
	if c.Group != 0 {
		e.Uint32(attrCipherSuiteGroup, uint32(c.Group))
	}
	suites(e, attrAKMSuites, c.AKMs)
	if c.MFP {
		e.Uint32(attrUseMFP, mfpRequired)
	}
}

// mfpRequired is NL80211_MFP_REQUIRED.
const mfpRequired = 1

// ControlPort says how frames of the control port (EAPOL) travel. The zero value
// leaves the port open from the start, as without security.
type ControlPort struct {
	// Controlled keeps the port closed until SetStation authorizes.
	Controlled bool
	// OverNL80211 gives the frames as ControlPortFrame events to this Client, which
	// must own the connection, instead of the network interface. It takes
	// ExtFeatureControlPort.
	OverNL80211 bool
	// NoPreauth leaves frames of preauthentication to the network interface. It
	// takes ExtFeatureControlPortNoPreauth.
	NoPreauth bool
	// NoEncrypt sends the frames in the clear, for dynamic WEP only.
	NoEncrypt bool
}

func (p *ControlPort) encode(e *netlink.AttributeEncoder) {
	if !p.Controlled {
		return
	}
	e.Flag(attrControlPort, true)
	e.Uint16(attrControlPortEthertype, dot11.EtherTypeEAPOL)
	e.Flag(attrControlPortNoEncrypt, p.NoEncrypt)
	e.Flag(attrControlPortOverNL80211, p.OverNL80211)
	e.Flag(attrControlPortNoPreauth, p.NoPreauth)
}

// AssocRequest asks for an association, with one access point or with several
// links of an AP MLD. Authentication comes before.
type AssocRequest struct {
	Interface int
	SSID      []byte

	// BSSID and Freq (MHz) name the access point of an association without links.
	BSSID dot11.Addr
	Freq  int
	// MLD is present in one with links: the AP MLD, and the link over which the
	// frames go, which is that of the authentication. BSSID and Freq do not count
	// then.
	MLD dot11.Optional[MLDTarget]
	// Links are the links asked for, that of MLD among them; each must be among the
	// scan results.
	Links []AssocLink

	// Elements are added to the frame, the RSN element above all.
	Elements []byte
	// PrevBSSID is the access point that we are associated with, of an MLD its MLD
	// address; not zero, it makes a reassociation of it.
	PrevBSSID   dot11.Addr
	Crypto      Crypto
	ControlPort ControlPort
	// SocketOwner makes the connection this Client's: it ends when the Client is
	// closed, and other programs cannot end it.
	SocketOwner bool
	// RRM offers radio measurements.
	RRM bool
	// Disable leaves generations out.
	Disable Disable
}

// AssocLink is a link asked for.
type AssocLink struct {
	ID    uint8
	BSSID dot11.Addr
	Freq  int // MHz
	// Elements are added to this link's profile; the link of MLD can have none.
	Elements []byte
	// Disabled reports that the access point says so of the link: then it is set up
	// but not used (NL80211_ATTR_MLO_LINK_DISABLED).
	Disabled bool
}

// Disable are generations of 802.11 that a connection shall do without.
type Disable struct{ HT, VHT, HE, EHT bool }

// Associate begins to associate. The access point's frame, or that none came, is
// an event: Associated, AssocComeback or AssocTimeout; Connected follows. The error
// is ENOENT where a link is not, or no longer, among the scan results; its Link
// says which, from 6.8 on. It is EPERM while another program owns the connection.
func (c *Client) Associate(ctx context.Context, r AssocRequest) error {
	return c.order(ctx, CommandAssociate, r.Interface, r.encode)
}

func (r *AssocRequest) encode(e *netlink.AttributeEncoder) {
	if r.MLD.Present {
		r.encodeLinks(e)
	} else {
		e.Bytes(attrMAC, r.BSSID[:])
		e.Uint32(attrWiphyFreq, uint32(r.Freq))
	}
	e.Bytes(attrSSID, r.SSID)
	octets(e, attrIE, r.Elements)
	if !r.PrevBSSID.IsZero() {
		e.Bytes(attrPrevBSSID, r.PrevBSSID[:])
	}
	r.Crypto.encode(e)
	r.ControlPort.encode(e)
	e.Flag(attrSocketOwner, r.SocketOwner)
	e.Flag(attrUseRRM, r.RRM)
	e.Flag(attrDisableHT, r.Disable.HT)
	e.Flag(attrDisableVHT, r.Disable.VHT)
	e.Flag(attrDisableHE, r.Disable.HE)
	e.Flag(attrDisableEHT, r.Disable.EHT)
}

// encodeLinks adds what stands in place of BSSID and frequency. The BSSID of a link
// is NL80211_ATTR_MAC in its entry.
func (r *AssocRequest) encodeLinks(e *netlink.AttributeEncoder) {
	e.Bytes(attrMLDAddr, r.MLD.Value.Addr[:])
	e.Uint8(attrMLOLinkID, r.MLD.Value.Link)
	e.Nested(attrMLOLinks, func(list *netlink.AttributeEncoder) error {
		for i := range r.Links {
			list.Nested(uint16(i+1), r.Links[i].encode)
		}
		return nil
	})
}

func (l *AssocLink) encode(e *netlink.AttributeEncoder) error {
	e.Uint8(attrMLOLinkID, l.ID)
	e.Bytes(attrMAC, l.BSSID[:])
	e.Uint32(attrWiphyFreq, uint32(l.Freq))
	e.Flag(attrMLOLinkDisabled, l.Disabled)
	octets(e, attrIE, l.Elements)
	return nil
}

// LeaveRequest asks to end an authentication or association.
type LeaveRequest struct {
	Interface int
	// Addr is the access point's: the BSSID, of an AP MLD its MLD address.
	Addr     dot11.Addr
	Reason   dot11.ReasonCode // not 0
	Elements []byte           // added to the frame
	// Local ends it without sending a frame.
	Local bool
}

func (r *LeaveRequest) encode(e *netlink.AttributeEncoder) {
	e.Bytes(attrMAC, r.Addr[:])
	e.Uint16(attrReasonCode, uint16(r.Reason))
	octets(e, attrIE, r.Elements)
	e.Flag(attrLocalStateChange, r.Local)
}

// Deauthenticate ends authentication and association; Deauthenticated and, after
// an association, Disconnected follow.
func (c *Client) Deauthenticate(ctx context.Context, r LeaveRequest) error {
	return c.order(ctx, CommandDeauthenticate, r.Interface, r.encode)
}

// Disassociate ends the association alone.
func (c *Client) Disassociate(ctx context.Context, r LeaveRequest) error {
	return c.order(ctx, CommandDisassociate, r.Interface, r.encode)
}

// Disconnect ends whatever connection the interface has. Reason is not 0.
func (c *Client) Disconnect(ctx context.Context, ifindex int, reason dot11.ReasonCode) error {
	return c.order(ctx, CommandDisconnect, ifindex, func(e *netlink.AttributeEncoder) {
		e.Uint16(attrReasonCode, uint16(reason))
	})
}
