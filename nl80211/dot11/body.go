package dot11

import "encoding/binary"

// BeaconBody is what follows the header of a Beacon or Probe Response frame
// (IEEE 802.11-2020, 9.3.3.2 and 9.3.3.10).
type BeaconBody struct {
	Timestamp  uint64 // TSF timer of the transmitter, in microseconds
	Interval   uint16 // time between beacons, in TU
	Capability Capability
	Elements   Elements
}

// ParseBeaconBody reads the body of a beacon or probe response. After an error
// among the elements what is before it is returned with it.
func ParseBeaconBody(b []byte) (BeaconBody, error) {
	c := cursor{rest: b}
	body := BeaconBody{Timestamp: c.u64(), Interval: c.u16(), Capability: Capability(c.u16())}
	if err := c.err("beacon"); err != nil {
		return BeaconBody{}, err
	}
	var err error
	body.Elements, err = ParseElements(c.rest)
	return body, err
}

// Append adds the body as it is sent to b.
func (body *BeaconBody) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, body.Timestamp)
	b = binary.LittleEndian.AppendUint16(b, body.Interval)
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Capability))
	return body.Elements.Append(b)
}

// ProbeRequestBody is what follows the header of a Probe Request frame (IEEE
// 802.11-2020, 9.3.3.9).
type ProbeRequestBody struct {
	Elements Elements
}

// ParseProbeRequestBody reads the body of a probe request. After an error what
// is before it is returned with it.
func ParseProbeRequestBody(b []byte) (ProbeRequestBody, error) {
	elements, err := ParseElements(b)
	return ProbeRequestBody{Elements: elements}, err
}

// Append adds the body as it is sent to b.
func (body *ProbeRequestBody) Append(b []byte) []byte { return body.Elements.Append(b) }

// Authentication algorithms (IEEE 802.11-2020, 9.4.1.1).
const (
	AuthOpen      uint16 = 0
	AuthSharedKey uint16 = 1
	AuthFT        uint16 = 2
	AuthSAE       uint16 = 3
	AuthFILS      uint16 = 4
	AuthFILSPFS   uint16 = 5
	AuthFILSPK    uint16 = 6
	AuthPASN      uint16 = 7
)

// AuthBody is what follows the header of an Authentication frame (IEEE
// 802.11-2020, 9.3.3.11).
type AuthBody struct {
	Algorithm   uint16 // one of Auth*
	Transaction uint16 // Authentication transaction sequence number, from 1
	Status      StatusCode
	// Body is what follows: with SAE first the fields of its messages, and else
	// elements.
	Body []byte
}

// ParseAuthBody reads the body of an authentication frame.
func ParseAuthBody(b []byte) (AuthBody, error) {
	c := cursor{rest: b}
	body := AuthBody{Algorithm: c.u16(), Transaction: c.u16(), Status: StatusCode(c.u16())}
	if err := c.err("authentication"); err != nil {
		return AuthBody{}, err
	}
	body.Body = c.all()
	return body, nil
}

// Append adds the body as it is sent to b.
func (body *AuthBody) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, body.Algorithm)
	b = binary.LittleEndian.AppendUint16(b, body.Transaction)
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Status))
	return append(b, body.Body...)
}

// AssocRequestBody is what follows the header of an Association or Reassociation
// Request frame (IEEE 802.11-2020, 9.3.3.5 and 9.3.3.7).
type AssocRequestBody struct {
	Capability     Capability
	ListenInterval uint16 // in beacon intervals
	// CurrentAP is present in a reassociation request and only there: the address
	// of the AP (of an MLD: the MLD) that the station is associated with.
	CurrentAP Optional[Addr]
	Elements  Elements
}

// ParseAssocRequestBody reads the body of an association request or, with
// again, a reassociation request. After an error among the elements what is
// before it is returned with it.
func ParseAssocRequestBody(b []byte, again bool) (AssocRequestBody, error) {
	c := cursor{rest: b}
	body := AssocRequestBody{Capability: Capability(c.u16()), ListenInterval: c.u16()}
	if again {
		body.CurrentAP = Some(c.addr())
	}
	if err := c.err("association request"); err != nil {
		return AssocRequestBody{}, err
	}
	var err error
	body.Elements, err = ParseElements(c.rest)
	return body, err
}

// Append adds the body as it is sent to b.
func (body *AssocRequestBody) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Capability))
	b = binary.LittleEndian.AppendUint16(b, body.ListenInterval)
	if body.CurrentAP.Present {
		b = append(b, body.CurrentAP.Value[:]...)
	}
	return body.Elements.Append(b)
}

// aidBits are set in an AID field of an association response beside the AID
// (IEEE 802.11-2020, 9.4.1.8).
const aidBits = 0xc000

// AssocResponseBody is what follows the header of an Association or
// Reassociation Response frame (IEEE 802.11-2020, 9.3.3.6 and 9.3.3.8).
type AssocResponseBody struct {
	Capability Capability
	Status     StatusCode
	AID        uint16 // 1 to 2007, without the two bits that are always set; 0 where the request is denied
	Elements   Elements
}

// ParseAssocResponseBody reads the body of an association or reassociation
// response. After an error among the elements what is before it is returned
// with it.
func ParseAssocResponseBody(b []byte) (AssocResponseBody, error) {
	c := cursor{rest: b}
	body := AssocResponseBody{Capability: Capability(c.u16()), Status: StatusCode(c.u16()), AID: c.u16() &^ aidBits}
	if err := c.err("association response"); err != nil {
		return AssocResponseBody{}, err
	}
	var err error
	body.Elements, err = ParseElements(c.rest)
	return body, err
}

// Append adds the body as it is sent to b.
func (body *AssocResponseBody) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Capability))
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Status))
	b = binary.LittleEndian.AppendUint16(b, body.AID|aidBits)
	return body.Elements.Append(b)
}

// ReasonBody is what follows the header of a Deauthentication or Disassociation
// frame (IEEE 802.11-2020, 9.3.3.4 and 9.3.3.12).
type ReasonBody struct {
	Reason   ReasonCode
	Elements Elements
}

// ParseReasonBody reads the body of a deauthentication or disassociation. After
// an error among the elements what is before it is returned with it.
func ParseReasonBody(b []byte) (ReasonBody, error) {
	c := cursor{rest: b}
	body := ReasonBody{Reason: ReasonCode(c.u16())}
	if err := c.err("reason"); err != nil {
		return ReasonBody{}, err
	}
	var err error
	body.Elements, err = ParseElements(c.rest)
	return body, err
}

// Append adds the body as it is sent to b.
func (body *ReasonBody) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(body.Reason))
	return body.Elements.Append(b)
}
