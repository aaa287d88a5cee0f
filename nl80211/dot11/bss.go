package dot11

// DSSSParameterElement returns the DSSS Parameter Set element, which names the
// channel on 2.4 GHz (IEEE 802.11-2020, 9.4.2.4).
func DSSSParameterElement(channel uint8) Element {
	return Element{ID: ElementDSSSParameter, Body: []byte{channel}}
}

// ERPElement returns the ERP element of a BSS on 2.4 GHz without stations that
// know DSSS only (IEEE 802.11-2020, 9.4.2.11).
func ERPElement() Element { return Element{ID: ElementERP, Body: []byte{0}} }

// Generation is the latest physical layer of a BSS.
type Generation uint8

// Generations, each with all before it.
const (
	GenerationLegacy Generation = iota // OFDM, on 2.4 GHz with DSSS
	GenerationHT
	GenerationVHT // as GenerationHT on 2.4 GHz
	GenerationHE
	GenerationEHT
)

// CapabilityElements returns the elements by which an access point says what it
// and its BSS of 20 MHz can do up to a generation, in their order on the air:
// capabilities and operation of HT and VHT (none on 6 GHz), HE, on 6 GHz its band
// capabilities, and EHT. They are those of the functions Default*.
func CapabilityElements(ch Channel, color uint8, g Generation) Elements {
	var es Elements
	if ch.Band != Band6GHz && g >= GenerationHT {
		capabilities, operation := DefaultHTCapabilities(), DefaultHTOperation(ch.Number)
		es = append(es, capabilities.Element(), operation.Element())
	}
	if ch.Band == Band5GHz && g >= GenerationVHT {
		capabilities, operation := DefaultVHTCapabilities(), DefaultVHTOperation()
		es = append(es, capabilities.Element(), operation.Element())
	}
	if g < GenerationHE {
		return es
	}
	he, operation := DefaultHECapabilities(ch.Band), DefaultHEOperation(ch, color)
	es = append(es, he.Element(), operation.Element())
	if ch.Band == Band6GHz {
		es = append(es, DefaultHE6GHzCapabilities().Element())
	}
	if g >= GenerationEHT {
		eht, operation := DefaultEHTCapabilities(&he), DefaultEHTOperation()
		es = append(es, operation.Element(), eht.Element())
	}
	return es
}

// DefaultExtendedCapabilities are those of an access point that announces
// channel switches by operating class and knows operating mode notifications, at
// most 8 MSDUs in an A-MSDU and TWT; more are added by their bits.
func DefaultExtendedCapabilities(more ...ExtendedCapability) ExtendedCapabilities {
	return NewExtendedCapabilities(append([]ExtendedCapability{
		ExtCapExtChannelSwitch, ExtCapSSIDList, ExtCapOperatingMode, ExtCapMaxAMSDULow, ExtCapMaxAMSDUHigh, ExtCapTWTResponder,
	}, more...)...)
}
