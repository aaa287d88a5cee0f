package dot11

// MaxSSID is how many octets an SSID has at most (IEEE 802.11-2020, 9.4.2.2).
const MaxSSID = 32

// SSIDElement returns the SSID element. An empty one is the wildcard of a probe
// request, and hides the SSID in a beacon.
func SSIDElement(ssid []byte) Element { return Element{ID: ElementSSID, Body: ssid} }

// SSID returns the network's name among the elements, of at most MaxSSID octets.
func (es Elements) SSID() ([]byte, bool) {
	ssid, ok := es.Find(ElementSSID)
	if !ok || len(ssid) > MaxSSID {
		return nil, false
	}
	return ssid, true
}
