package collect

// Link is an interface as nl80211 has it, the way "iw dev" and "iw station dump"
// tell it.
type Link struct {
	Interface string `json:"interface"`
	// Type is nl80211's: "station", "AP", "monitor", or its number.
	Type    string `json:"type,omitempty"`
	Address string `json:"address,omitempty"`
	// SSID is that of the connection, made safe to show; it may be any
	// stranger's.
	SSID string `json:"ssid,omitempty"`
	// MHz is the frequency of the control channel, Width the width of the
	// channel in MHz; 0 without one.
	MHz   uint32 `json:"mhz,omitempty"`
	Width int    `json:"width_mhz,omitempty"`
	// MLO are the links of a multi-link connection that are valid.
	MLO      []MLOLink `json:"mlo_links,omitempty"`
	Stations []Station `json:"stations,omitempty"`
}

// MLOLink is one link of a multi-link connection.
type MLOLink struct {
	ID      uint8  `json:"id"`
	Address string `json:"address,omitempty"`
	MHz     uint32 `json:"mhz,omitempty"`
	Width   int    `json:"width_mhz,omitempty"`
}

// Station is a peer: for a station its AP, or AP MLD.
type Station struct {
	Address string `json:"address"`
	// Signal and SignalAverage are in dBm, 0 when unknown.
	Signal        int8 `json:"signal_dbm,omitempty"`
	SignalAverage int8 `json:"signal_average_dbm,omitempty"`
	// InactiveMS is how long nothing came from it, ConnectedS how long it
	// has been associated.
	InactiveMS uint32 `json:"inactive_ms"`
	ConnectedS uint32 `json:"connected_s"`
	TxRetries  uint32 `json:"tx_retries"`
	TxFailed   uint32 `json:"tx_failed"`
	BeaconLoss uint32 `json:"beacon_loss"`
	// TxRate and RxRate are in units of 100 kbit/s, 0 when unknown.
	TxRate uint32 `json:"tx_rate_100kbit,omitempty"`
	RxRate uint32 `json:"rx_rate_100kbit,omitempty"`
}
