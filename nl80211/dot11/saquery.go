package dot11

import (
	"encoding/binary"
	"fmt"
)

// SAQuery is an SA Query request or response (IEEE 802.11-2020, 9.6.9).
type SAQuery struct {
	Response    bool
	Transaction uint16   // of the request's choice; the response repeats it
	Elements    Elements // OCI, where operating channels are validated
}

// ParseSAQuery reads an SA Query action.
func ParseSAQuery(a ActionBody) (SAQuery, error) {
	if a.Category != CategorySAQuery || a.Code > SAQueryResponse {
		return SAQuery{}, fmt.Errorf("parse SA query: category %d action %d is another action", a.Category, a.Code)
	}
	c := cursor{rest: a.Body}
	q := SAQuery{Response: a.Code == SAQueryResponse, Transaction: c.u16()}
	if err := c.err("SA query"); err != nil {
		return SAQuery{}, err
	}
	var err error
	q.Elements, err = ParseElements(c.rest)
	return q, err
}

// Action returns the action to be sent.
func (q SAQuery) Action() ActionBody {
	code := SAQueryRequest
	if q.Response {
		code = SAQueryResponse
	}
	b := binary.LittleEndian.AppendUint16(nil, q.Transaction)
	return ActionBody{Category: CategorySAQuery, Code: code, Body: q.Elements.Append(b)}
}
