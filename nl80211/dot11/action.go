package dot11

import "fmt"

// Category is the first octet of an Action frame's body (IEEE 802.11-2020,
// 9.4.1.11).
type Category uint8

// Categories of Action frames.
const (
	CategorySpectrum         Category = 0
	CategoryQoS              Category = 1
	CategoryBlockAck         Category = 3
	CategoryPublic           Category = 4
	CategoryRadioMeasurement Category = 5
	CategoryFastTransition   Category = 6
	CategoryHT               Category = 7
	CategorySAQuery          Category = 8
	CategoryProtectedDual    Category = 9
	CategoryWNM              Category = 10
	CategoryUnprotectedWNM   Category = 11
	CategoryTDLS             Category = 12
	CategoryMesh             Category = 13
	CategoryMultihop         Category = 14
	CategorySelfProtected    Category = 15
	CategoryWMM              Category = 17
	CategoryRobustAV         Category = 19
	CategoryVHT              Category = 21
	CategoryFILS             Category = 26
	CategoryHE               Category = 30
	CategoryProtectedHE      Category = 31
	CategoryProtectedFTM     Category = 34
	CategoryEHT              Category = 36
	CategoryProtectedEHT     Category = 37
	CategoryVendorProtected  Category = 126
	CategoryVendor           Category = 127
)

// CategoryError is set in the category of a frame that is sent back because it
// was not understood.
const CategoryError Category = 0x80

// Codes of Spectrum Management action frames (IEEE 802.11-2020, 9.6.2.1).
const (
	SpectrumMeasurementRequest uint8 = 0
	SpectrumMeasurementReport  uint8 = 1
	SpectrumTPCRequest         uint8 = 2
	SpectrumTPCReport          uint8 = 3
	SpectrumChannelSwitch      uint8 = 4
)

// Codes of Block Ack action frames (IEEE 802.11-2020, 9.6.4.1).
const (
	BlockAckAddRequest  uint8 = 0
	BlockAckAddResponse uint8 = 1
	BlockAckDelete      uint8 = 2
)

// Codes of Public action frames (IEEE 802.11-2020, 9.6.7.1).
const (
	PublicCoexistence2040     uint8 = 0
	PublicExtChannelSwitch    uint8 = 4
	PublicVendor              uint8 = 9
	PublicGASInitialRequest   uint8 = 10
	PublicGASInitialResponse  uint8 = 11
	PublicGASComebackRequest  uint8 = 12
	PublicGASComebackResponse uint8 = 13
	PublicTDLSDiscovery       uint8 = 14
	PublicFTMRequest          uint8 = 32
	PublicFTM                 uint8 = 33
	PublicFILSDiscovery       uint8 = 34
)

// Codes of Radio Measurement action frames (IEEE 802.11-2020, 9.6.6.1).
const (
	RadioMeasurementRequest     uint8 = 0
	RadioMeasurementReport      uint8 = 1
	RadioLinkMeasurementRequest uint8 = 2
	RadioLinkMeasurementReport  uint8 = 3
	RadioNeighborReportRequest  uint8 = 4
	RadioNeighborReportResponse uint8 = 5
)

// Codes of SA Query action frames (IEEE 802.11-2020, 9.6.9.1).
const (
	SAQueryRequest  uint8 = 0
	SAQueryResponse uint8 = 1
)

// Codes of WNM action frames (IEEE 802.11-2020, 9.6.13.1).
const (
	WNMTransitionQuery    uint8 = 6
	WNMTransitionRequest  uint8 = 7
	WNMTransitionResponse uint8 = 8
	WNMSleepRequest       uint8 = 16
	WNMSleepResponse      uint8 = 17
	WNMNotification       uint8 = 26
)

// Codes of Protected EHT action frames (IEEE 802.11be-2024, table 9-658d).
const (
	EHTTIDToLinkRequest        uint8 = 0
	EHTTIDToLinkResponse       uint8 = 1
	EHTTIDToLinkTeardown       uint8 = 2
	EHTEPCSEnableRequest       uint8 = 3
	EHTEPCSEnableResponse      uint8 = 4
	EHTEPCSTeardown            uint8 = 5
	EHTEMLOperatingMode        uint8 = 6
	EHTLinkRecommendation      uint8 = 7
	EHTOperationUpdateRequest  uint8 = 8
	EHTOperationUpdateResponse uint8 = 9
	EHTLinkReconfigureNotify   uint8 = 10
	EHTLinkReconfigureRequest  uint8 = 11
	EHTLinkReconfigureResponse uint8 = 12
)

// ActionBody is what follows the header of an Action frame (IEEE 802.11-2020,
// 9.3.3.13). With CategoryVendor and CategoryVendorProtected Code is the first
// octet of the organization's identifier.
type ActionBody struct {
	Category Category
	Code     uint8
	Body     []byte // what follows category and code
}

// ParseActionBody reads the body of an action frame.
func ParseActionBody(b []byte) (ActionBody, error) {
	c := cursor{rest: b}
	body := ActionBody{Category: Category(c.u8()), Code: c.u8(), Body: c.all()}
	if err := c.err("action"); err != nil {
		return ActionBody{}, err
	}
	return body, nil
}

// Append adds the body as it is sent to b.
func (body *ActionBody) Append(b []byte) []byte {
	return append(append(b, byte(body.Category), body.Code), body.Body...)
}

// is says what body is where it is no action of that category and code.
func (body *ActionBody) is(category Category, code uint8, what string) error {
	if body.Category != category || body.Code != code {
		return fmt.Errorf("parse %s: category %d action %d is another action", what, body.Category, body.Code)
	}
	return nil
}
