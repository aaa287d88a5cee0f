package dot11

import (
	"encoding/binary"
	"fmt"
)

// TransitionReason is why a station asks for a transition (IEEE 802.11-2020,
// table 9-198).
type TransitionReason uint8

// Reasons for transitions that occur while roaming.
const (
	TransitionUnspecified   TransitionReason = 0
	TransitionFrameLoss     TransitionReason = 1
	TransitionDelay         TransitionReason = 2
	TransitionLoadBalancing TransitionReason = 5
	TransitionBetterAP      TransitionReason = 6
	TransitionDeauth        TransitionReason = 7
	TransitionLowRSSI       TransitionReason = 16
	TransitionPreferredList TransitionReason = 19
	TransitionLeavingESS    TransitionReason = 20
)

// TransitionQuery is a BSS Transition Management Query: a station asks for
// candidates (IEEE 802.11-2020, 9.6.13.8).
type TransitionQuery struct {
	Token      uint8 // dialog token, not 0
	Reason     TransitionReason
	Candidates []NeighborReport
	Elements   Elements // what follows the candidates
}

// TransitionMode are the bits of the Request Mode field of a transition request
// (IEEE 802.11-2020, 9.6.13.9; IEEE 802.11be-2024).
type TransitionMode uint8

// Bits of TransitionMode. TransitionTermination and TransitionURL follow from
// the fields of a TransitionRequest when it is sent.
const (
	TransitionCandidates     TransitionMode = 1 << 0 // there is a list of candidates
	TransitionAbridged       TransitionMode = 1 << 1 // what is not in the list has preference 0
	TransitionDisassociation TransitionMode = 1 << 2 // disassociation is imminent
	TransitionTermination    TransitionMode = 1 << 3 // the BSS shuts down
	TransitionURL            TransitionMode = 1 << 4 // disassociation from the whole ESS is imminent
	TransitionLinkRemoval    TransitionMode = 1 << 5 // the link is about to be removed
)

// BSSTermination says when a BSS shuts down and for how long (IEEE 802.11-2020,
// 9.4.2.36, BSS Termination Duration).
type BSSTermination struct {
	TSF     uint64 // of the BSS, in microseconds
	Minutes uint16 // 65535: for good
}

// TransitionRequest is a BSS Transition Management Request: an access point
// wants a station to move (IEEE 802.11-2020, 9.6.13.9).
type TransitionRequest struct {
	Token         uint8 // dialog token; that of the query, where it answers one
	Mode          TransitionMode
	DisassocTimer uint16 // beacons until disassociation; 0: not known
	Validity      uint8  // beacons until the candidates are no longer valid, from 1
	Termination   Optional[BSSTermination]
	URL           Optional[string] // of a page about the session, up to 255 octets
	Candidates    []NeighborReport
	Elements      Elements // what follows the candidates
}

// TransitionStatus is a station's answer to a TransitionRequest (IEEE
// 802.11-2020, table 9-428).
type TransitionStatus uint8

// Answers to transition requests.
const (
	TransitionAccept             TransitionStatus = 0
	TransitionRejectUnspecified  TransitionStatus = 1
	TransitionRejectBeacons      TransitionStatus = 2
	TransitionRejectCapacity     TransitionStatus = 3
	TransitionRejectTermination  TransitionStatus = 4
	TransitionRejectDelay        TransitionStatus = 5
	TransitionRejectListProvided TransitionStatus = 6
	TransitionRejectNoCandidates TransitionStatus = 7
	TransitionRejectLeavingESS   TransitionStatus = 8
)

// TransitionResponse is a BSS Transition Management Response (IEEE 802.11-2020,
// 9.6.13.10).
type TransitionResponse struct {
	Token            uint8
	Status           TransitionStatus
	TerminationDelay uint8 // minutes, with TransitionRejectDelay
	Target           Addr  // where it goes; sent with TransitionAccept and only then
	Candidates       []NeighborReport
	Elements         Elements // what follows the candidates
}

// terminationBody is the length of a BSS Termination Duration subelement.
const terminationBody = 10

// parseCandidates reads a list of candidates and what follows it.
func parseCandidates(b []byte) ([]NeighborReport, Elements, error) {
	elements, err := ParseElements(b)
	if err != nil {
		return nil, nil, err
	}
	n := 0
	for n < len(elements) && elements[n].ID == ElementNeighborReport {
		n++
	}
	if n == 0 {
		return nil, elements, nil
	}
	candidates := make([]NeighborReport, n)
	for i := range candidates {
		if candidates[i], err = ParseNeighborReport(elements[i].Body); err != nil {
			return nil, nil, err
		}
	}
	return candidates, elements[n:], nil
}

func appendCandidates(b []byte, candidates []NeighborReport, more Elements) []byte {
	for i := range candidates {
		b = candidates[i].Element().Append(b)
	}
	return more.Append(b)
}

// ParseTransitionQuery reads a BSS Transition Management Query action.
func ParseTransitionQuery(a ActionBody) (TransitionQuery, error) {
	const what = "BSS transition query"
	if err := a.is(CategoryWNM, WNMTransitionQuery, what); err != nil {
		return TransitionQuery{}, err
	}
	c := cursor{rest: a.Body}
	q := TransitionQuery{Token: c.u8(), Reason: TransitionReason(c.u8())}
	if err := c.err(what); err != nil {
		return TransitionQuery{}, err
	}
	var err error
	if q.Candidates, q.Elements, err = parseCandidates(c.rest); err != nil {
		return TransitionQuery{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return q, nil
}

// Action returns the action to be sent.
func (q *TransitionQuery) Action() ActionBody {
	b := []byte{q.Token, byte(q.Reason)}
	return ActionBody{Category: CategoryWNM, Code: WNMTransitionQuery, Body: appendCandidates(b, q.Candidates, q.Elements)}
}

// ParseTransitionRequest reads a BSS Transition Management Request action.
func ParseTransitionRequest(a ActionBody) (TransitionRequest, error) {
	const what = "BSS transition request"
	if err := a.is(CategoryWNM, WNMTransitionRequest, what); err != nil {
		return TransitionRequest{}, err
	}
	c := cursor{rest: a.Body}
	r := TransitionRequest{Token: c.u8(), Mode: TransitionMode(c.u8()), DisassocTimer: c.u16(), Validity: c.u8()}
	if r.Mode&TransitionTermination != 0 {
		id, size := c.u8(), c.u8()
		body := cursor{rest: c.take(int(size))}
		if !c.short && (id != NeighborTermination || size != terminationBody) {
			return TransitionRequest{}, fmt.Errorf("parse %s: subelement %d of %d octets is no BSS termination duration", what, id, size)
		}
		r.Termination = Some(BSSTermination{TSF: body.u64(), Minutes: body.u16()})
	}
	if r.Mode&TransitionURL != 0 {
		r.URL = Some(string(c.take(int(c.u8()))))
	}
	if err := c.err(what); err != nil {
		return TransitionRequest{}, err
	}
	r.Mode &^= TransitionTermination | TransitionURL
	var err error
	if r.Candidates, r.Elements, err = parseCandidates(c.rest); err != nil {
		return TransitionRequest{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return r, nil
}

// Action returns the action to be sent.
func (r *TransitionRequest) Action() ActionBody {
	mode := r.Mode &^ (TransitionTermination | TransitionURL)
	if r.Termination.Present {
		mode |= TransitionTermination
	}
	if r.URL.Present {
		mode |= TransitionURL
	}
	b := []byte{r.Token, byte(mode)}
	b = binary.LittleEndian.AppendUint16(b, r.DisassocTimer)
	b = append(b, r.Validity)
	if r.Termination.Present {
		b = append(b, NeighborTermination, terminationBody)
		b = binary.LittleEndian.AppendUint64(b, r.Termination.Value.TSF)
		b = binary.LittleEndian.AppendUint16(b, r.Termination.Value.Minutes)
	}
	if r.URL.Present {
		url := r.URL.Value[:min(len(r.URL.Value), maxElement)]
		b = append(append(b, byte(len(url))), url...)
	}
	return ActionBody{Category: CategoryWNM, Code: WNMTransitionRequest, Body: appendCandidates(b, r.Candidates, r.Elements)}
}

// ParseTransitionResponse reads a BSS Transition Management Response action.
func ParseTransitionResponse(a ActionBody) (TransitionResponse, error) {
	const what = "BSS transition response"
	if err := a.is(CategoryWNM, WNMTransitionResponse, what); err != nil {
		return TransitionResponse{}, err
	}
	c := cursor{rest: a.Body}
	r := TransitionResponse{Token: c.u8(), Status: TransitionStatus(c.u8()), TerminationDelay: c.u8()}
	if r.Status == TransitionAccept {
		r.Target = c.addr()
	}
	if err := c.err(what); err != nil {
		return TransitionResponse{}, err
	}
	var err error
	if r.Candidates, r.Elements, err = parseCandidates(c.rest); err != nil {
		return TransitionResponse{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return r, nil
}

// Action returns the action to be sent.
func (r *TransitionResponse) Action() ActionBody {
	b := []byte{r.Token, byte(r.Status), r.TerminationDelay}
	if r.Status == TransitionAccept {
		b = append(b, r.Target[:]...)
	}
	return ActionBody{Category: CategoryWNM, Code: WNMTransitionResponse, Body: appendCandidates(b, r.Candidates, r.Elements)}
}
