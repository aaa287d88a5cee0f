package dot11

import (
	"encoding/binary"
	"fmt"
)

// ReconfigureNotify is a Link Reconfiguration Notify action (IEEE 802.11be-2024,
// 9.6.35): what an AP MLD wants a non-AP MLD to do with its links.
type ReconfigureNotify struct {
	Elements Elements // a Reconfiguration Multi-Link element
}

// ReconfigureRequest is a Link Reconfiguration Request action (IEEE
// 802.11be-2024, 9.6.35): a non-AP MLD adds or deletes links.
type ReconfigureRequest struct {
	Token    uint8    // dialog token
	Elements Elements // a Reconfiguration Multi-Link element, perhaps an OCI element
}

// LinkStatus is the result for one link.
type LinkStatus struct {
	LinkID uint8
	Status StatusCode
}

// ReconfigureResponse is a Link Reconfiguration Response action (IEEE
// 802.11be-2024, 9.6.35).
type ReconfigureResponse struct {
	Token    uint8 // that of the request
	Links    []LinkStatus
	GroupKey []byte // KDEs for the links that are added; sent where one of Links succeeded and it is not empty
	Elements Elements
}

// ParseReconfigureNotify reads a Link Reconfiguration Notify action.
func ParseReconfigureNotify(a ActionBody) (ReconfigureNotify, error) {
	const what = "link reconfiguration notify"
	if err := a.is(CategoryProtectedEHT, EHTLinkReconfigureNotify, what); err != nil {
		return ReconfigureNotify{}, err
	}
	elements, err := ParseElements(a.Body)
	if err != nil {
		return ReconfigureNotify{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return ReconfigureNotify{Elements: elements}, nil
}

// Action returns the action to be sent.
func (n *ReconfigureNotify) Action() ActionBody {
	return ActionBody{Category: CategoryProtectedEHT, Code: EHTLinkReconfigureNotify, Body: n.Elements.Append(nil)}
}

// ParseReconfigureRequest reads a Link Reconfiguration Request action.
func ParseReconfigureRequest(a ActionBody) (ReconfigureRequest, error) {
	const what = "link reconfiguration request"
	if err := a.is(CategoryProtectedEHT, EHTLinkReconfigureRequest, what); err != nil {
		return ReconfigureRequest{}, err
	}
	c := cursor{rest: a.Body}
	r := ReconfigureRequest{Token: c.u8()}
	if err := c.err(what); err != nil {
		return ReconfigureRequest{}, err
	}
	var err error
	if r.Elements, err = ParseElements(c.rest); err != nil {
		return ReconfigureRequest{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return r, nil
}

// Action returns the action to be sent.
func (r *ReconfigureRequest) Action() ActionBody {
	return ActionBody{Category: CategoryProtectedEHT, Code: EHTLinkReconfigureRequest, Body: r.Elements.Append([]byte{r.Token})}
}

// ParseReconfigureResponse reads a Link Reconfiguration Response action. Nothing
// in it says whether Group Key Data is there: withKeys says whether the reader
// has asked for a link to be added, and it is then read where a link succeeded.
func ParseReconfigureResponse(a ActionBody, withKeys bool) (ReconfigureResponse, error) {
	const what = "link reconfiguration response"
	if err := a.is(CategoryProtectedEHT, EHTLinkReconfigureResponse, what); err != nil {
		return ReconfigureResponse{}, err
	}
	c := cursor{rest: a.Body}
	r := ReconfigureResponse{Token: c.u8()}
	count := int(c.u8())
	succeeded := false
	for range count {
		if c.short {
			break
		}
		l := LinkStatus{LinkID: c.u8() & linkIDMask, Status: StatusCode(c.u16())}
		succeeded = succeeded || l.Status == StatusSuccess
		r.Links = append(r.Links, l)
	}
	if withKeys && succeeded && !c.short {
		if r.GroupKey = c.take(int(c.u8())); len(r.GroupKey) == 0 {
			r.GroupKey = nil
		}
	}
	if err := c.err(what); err != nil {
		return ReconfigureResponse{}, err
	}
	var err error
	if r.Elements, err = ParseElements(c.rest); err != nil {
		return ReconfigureResponse{}, fmt.Errorf("parse %s: %w", what, err)
	}
	return r, nil
}

// Action returns the action to be sent. At most 255 links and 255 octets of keys
// find a place in it.
func (r *ReconfigureResponse) Action() ActionBody {
	links := r.Links[:min(len(r.Links), maxElement)]
	b := []byte{r.Token, byte(len(links))}
	for _, l := range links {
		b = binary.LittleEndian.AppendUint16(append(b, l.LinkID&linkIDMask), uint16(l.Status))
	}
	if len(r.GroupKey) > 0 {
		key := r.GroupKey[:min(len(r.GroupKey), maxElement)]
		b = append(append(b, byte(len(key))), key...)
	}
	return ActionBody{Category: CategoryProtectedEHT, Code: EHTLinkReconfigureResponse, Body: r.Elements.Append(b)}
}
