package dot11

// Capability is the Capability Information field (IEEE 802.11-2020, 9.4.1.4;
// IEEE 802.11be-2024 for the bits of critical updates).
type Capability uint16

// Bits of Capability.
const (
	CapabilityESS                  Capability = 1 << 0
	CapabilityIBSS                 Capability = 1 << 1
	CapabilityPrivacy              Capability = 1 << 4
	CapabilityShortPreamble        Capability = 1 << 5
	CapabilityCriticalUpdate       Capability = 1 << 6
	CapabilityNontransmittedUpdate Capability = 1 << 7
	CapabilitySpectrumManagement   Capability = 1 << 8
	CapabilityQoS                  Capability = 1 << 9
	CapabilityShortSlot            Capability = 1 << 10
	CapabilityAPSD                 Capability = 1 << 11
	CapabilityRadioMeasurement     Capability = 1 << 12
	CapabilityEPD                  Capability = 1 << 13
)

// Has reports whether all bits of flags are set.
func (c Capability) Has(flags Capability) bool { return c&flags == flags }
