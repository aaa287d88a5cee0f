package dot11

import "encoding/binary"

// BlockAckParameters is the Block Ack Parameter Set field (IEEE 802.11-2020,
// 9.4.1.13).
type BlockAckParameters uint16

// Bits and fields of BlockAckParameters.
const (
	BlockAckAMSDU     BlockAckParameters = 0x0001
	BlockAckImmediate BlockAckParameters = 0x0002
	BlockAckTID       BlockAckParameters = 0x003c // mask
	BlockAckBuffer    BlockAckParameters = 0xffc0 // mask: number of MPDUs
)

// AddBlockAckRequest is an ADDBA Request: a station wants to send MPDUs that are
// acknowledged together (IEEE 802.11-2020, 9.6.4.2).
type AddBlockAckRequest struct {
	Token      uint8
	Parameters BlockAckParameters
	Timeout    uint16 // TU; 0: never
	Start      uint16 // Sequence Control of the first MPDU: number << 4
	Elements   Elements
}

// AddBlockAckResponse is an ADDBA Response (IEEE 802.11-2020, 9.6.4.3).
type AddBlockAckResponse struct {
	Token      uint8 // that of the request
	Status     StatusCode
	Parameters BlockAckParameters
	Timeout    uint16 // TU; 0: never
	Elements   Elements
}

// ParseAddBlockAckRequest reads an ADDBA Request action.
func ParseAddBlockAckRequest(a ActionBody) (AddBlockAckRequest, error) {
	const what = "ADDBA request"
	if err := a.is(CategoryBlockAck, BlockAckAddRequest, what); err != nil {
		return AddBlockAckRequest{}, err
	}
	c := cursor{rest: a.Body}
	r := AddBlockAckRequest{Token: c.u8(), Parameters: BlockAckParameters(c.u16()), Timeout: c.u16(), Start: c.u16()}
	if err := c.err(what); err != nil {
		return AddBlockAckRequest{}, err
	}
	var err error
	r.Elements, err = ParseElements(c.rest)
	return r, err
}

// Action returns the action to be sent.
func (r *AddBlockAckRequest) Action() ActionBody {
	b := binary.LittleEndian.AppendUint16([]byte{r.Token}, uint16(r.Parameters))
	b = binary.LittleEndian.AppendUint16(b, r.Timeout)
	b = binary.LittleEndian.AppendUint16(b, r.Start)
	return ActionBody{Category: CategoryBlockAck, Code: BlockAckAddRequest, Body: r.Elements.Append(b)}
}

// ParseAddBlockAckResponse reads an ADDBA Response action.
func ParseAddBlockAckResponse(a ActionBody) (AddBlockAckResponse, error) {
	const what = "ADDBA response"
	if err := a.is(CategoryBlockAck, BlockAckAddResponse, what); err != nil {
		return AddBlockAckResponse{}, err
	}
	c := cursor{rest: a.Body}
	r := AddBlockAckResponse{Token: c.u8(), Status: StatusCode(c.u16()), Parameters: BlockAckParameters(c.u16()), Timeout: c.u16()}
	if err := c.err(what); err != nil {
		return AddBlockAckResponse{}, err
	}
	var err error
	r.Elements, err = ParseElements(c.rest)
	return r, err
}

// Action returns the action to be sent.
func (r *AddBlockAckResponse) Action() ActionBody {
	b := binary.LittleEndian.AppendUint16([]byte{r.Token}, uint16(r.Status))
	b = binary.LittleEndian.AppendUint16(b, uint16(r.Parameters))
	b = binary.LittleEndian.AppendUint16(b, r.Timeout)
	return ActionBody{Category: CategoryBlockAck, Code: BlockAckAddResponse, Body: r.Elements.Append(b)}
}
