package runlog

// Kind is what a cycle does.
type Kind string

// The kinds of cycle.
const (
	// Roam goes from one access point to another while connected.
	Roam Kind = "roam"
	// Reconnect associates anew with the present access point.
	Reconnect Kind = "reconnect"
	// DisconnectConnect leaves, and connects to the next access point.
	DisconnectConnect Kind = "disconnect-connect"
	// ScanRoam scans while the roam is under way.
	ScanRoam Kind = "scan-roam"
	// StaleRoam roams after more than 40 s without a scan, when the kernel has
	// forgotten the scan results that a supplicant still has.
	StaleRoam Kind = "stale-roam"
	// LinkSwitch sets other links in use (debugfs, active_links).
	LinkSwitch Kind = "link-switch"
	// RemainRoam roams while the radio remains on another channel.
	RemainRoam Kind = "remain-roam"
	// InterfaceDown takes the interface down within 5 s of a connect, and up again.
	InterfaceDown Kind = "interface-down"
	// DriverUnbind takes the driver from the device within 5 s of a connect, and
	// binds it again.
	DriverUnbind Kind = "driver-unbind"
	// RekeyRoam has the group key changed while a roam is under way.
	RekeyRoam Kind = "rekey-roam"
	// PairwiseRoam has the pairwise key renewed while a roam is under way, where that
	// can be had.
	PairwiseRoam Kind = "pairwise-rekey-roam"
	// PowerSave roams with 802.11 power saving turned over.
	PowerSave Kind = "power-save"
	// RuntimePM roams with the driver's runtime power saving and deep sleep turned
	// over.
	RuntimePM Kind = "runtime-pm"
	// ASPM roams with the PCIe link's power saving turned over.
	ASPM Kind = "aspm"
	// Regulatory roams while the regulatory domain changes.
	Regulatory Kind = "regulatory"
	// Transition has the access point ask for the roam (BSS transition request),
	// where that can be had.
	Transition Kind = "transition"
	// Suspend suspends the machine and wakes it by its clock.
	Suspend Kind = "suspend"
	// SuspendWoWLAN suspends with the radio left to wake the machine (WoWLAN), so that
	// the connection is to outlive it.
	SuspendWoWLAN Kind = "suspend-wowlan"
	// Choice lets the supplicant choose: the present access point is blocked.
	Choice Kind = "choice"
)

// KindInfo says what a kind of cycle is and needs.
type KindInfo struct {
	Kind  Kind
	About string
	// Target says that the cycle goes to an access point of the plan.
	Target bool
}

// Kinds are all kinds of cycle.
func Kinds() []KindInfo {
	return []KindInfo{
		{Roam, "roam to another access point", true},
		{Reconnect, "associate anew with the present access point", false},
		{DisconnectConnect, "leave, then connect to the next access point", true},
		{ScanRoam, "roam while a scan runs", true},
		{StaleRoam, "roam after more than 40 s without a scan", true},
		{LinkSwitch, "set other links in use (debugfs active_links)", false},
		{RemainRoam, "roam while the radio remains on another channel", true},
		{InterfaceDown, "take the interface down within 5 s of a connect", true},
		{DriverUnbind, "take the driver from the device within 5 s of a connect", true},
		{RekeyRoam, "roam while the group key is changed", true},
		{PairwiseRoam, "roam while the pairwise key is renewed", true},
		{PowerSave, "roam with 802.11 power saving turned over", true},
		{RuntimePM, "roam with the driver's own power saving turned over", true},
		{ASPM, "roam with PCIe link power saving turned over", true},
		{Regulatory, "roam while the regulatory domain changes", true},
		{Transition, "let the access point ask for the roam", true},
		{Suspend, "suspend and wake by the clock", false},
		{SuspendWoWLAN, "suspend with the connection kept (WoWLAN), and wake by the clock", false},
		{Choice, "let the supplicant choose: the present access point is blocked", true},
	}
}
