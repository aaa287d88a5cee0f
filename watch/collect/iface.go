package collect

import (
	"path"
	"strings"
)

// Interface is a Wi-Fi interface as sysfs shows it.
type Interface struct {
	Name string `json:"name"`
	Phy  string `json:"phy,omitempty"`
	// Bus is the device's address, Driver the driver bound to it.
	Bus     string `json:"bus,omitempty"`
	Driver  string `json:"driver,omitempty"`
	Address string `json:"address,omitempty"`
	// State is the operational state (RFC 2863): "up", "dormant", "down".
	State   string `json:"state,omitempty"`
	Carrier string `json:"carrier,omitempty"`
	// CarrierChanges counts how often the carrier came and went.
	CarrierChanges string `json:"carrier_changes,omitempty"`
	// Vendor to SubDevice identify the hardware (PCI and USB ids).
	Vendor    string `json:"vendor,omitempty"`
	Device    string `json:"device,omitempty"`
	SubVendor string `json:"subsystem_vendor,omitempty"`
	SubDevice string `json:"subsystem_device,omitempty"`
	// Power is the state of the device: "active", "suspended", "error";
	// PCIState D0 to D3cold.
	Power    string `json:"runtime_status,omitempty"`
	PCIState string `json:"power_state,omitempty"`
	// LinkSpeed and LinkWidth are those of the PCIe link.
	LinkSpeed string `json:"link_speed,omitempty"`
	LinkWidth string `json:"link_width,omitempty"`
	// Statistics are the interface's counters.
	Statistics map[string]string `json:"statistics,omitempty"`
	// ValidLinks and ActiveLinks are mac80211's masks of the links of a
	// multi-link connection (net/mac80211/debugfs_netdev.c), where debugfs
	// can be read.
	ValidLinks  string `json:"valid_links,omitempty"`
	ActiveLinks string `json:"active_links,omitempty"`
	// Firmware and DriverVersion are what the driver says of itself
	// (ETHTOOL_GDRVINFO).
	Firmware      string `json:"firmware,omitempty"`
	DriverVersion string `json:"driver_version,omitempty"`
}

// counters are the statistics that are read.
func counters() []string {
	return []string{"rx_packets", "rx_errors", "rx_dropped", "tx_packets", "tx_errors", "tx_dropped"}
}

// mostInterfaces bounds the interfaces that are read.
const mostInterfaces = 16

// readInterfaces reads every Wi-Fi interface.
func readInterfaces(f Files) []Interface {
	const class = "sys/class/net"
	names, err := f.List(class)
	if err != nil {
		return nil
	}
	var out []Interface
	for _, name := range names {
		dir := path.Join(class, name)
		if len(out) >= mostInterfaces || !f.Has(path.Join(dir, "phy80211")) {
			continue
		}
		device := path.Join(dir, "device")
		i := Interface{Name: safe(name), Phy: f.Text(path.Join(dir, "phy80211/name")), Bus: base(f, device), Driver: base(f, path.Join(device, "driver"))}
		for file, to := range map[string]*string{
			"address": &i.Address, "operstate": &i.State, "carrier": &i.Carrier, "carrier_changes": &i.CarrierChanges,
			"device/vendor": &i.Vendor, "device/device": &i.Device, "device/idVendor": &i.Vendor, "device/idProduct": &i.Device,
			"device/subsystem_vendor": &i.SubVendor, "device/subsystem_device": &i.SubDevice,
			"device/power/runtime_status": &i.Power, "device/power_state": &i.PCIState,
			"device/current_link_speed": &i.LinkSpeed, "device/current_link_width": &i.LinkWidth,
		} {
			if v := f.Text(path.Join(dir, file)); v != "" {
				*to = v
			}
		}
		for _, c := range counters() {
			if v := f.Text(path.Join(dir, "statistics", c)); v != "" {
				if i.Statistics == nil {
					i.Statistics = make(map[string]string)
				}
				i.Statistics[c] = v
			}
		}
		out = append(out, i)
	}
	return out
}

// readMLO reads mac80211's masks of links. No other file of debugfs is read:
// those of the drivers ask the chip.
func readMLO(f Files, i *Interface) {
	if i.Phy == "" || strings.ContainsAny(i.Phy+i.Name, "/") {
		return
	}
	dir := path.Join("sys/kernel/debug/ieee80211", i.Phy, "netdev:"+i.Name)
	i.ValidLinks, i.ActiveLinks = f.Text(path.Join(dir, "valid_links")), f.Text(path.Join(dir, "active_links"))
}
