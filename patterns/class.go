package patterns

import "fmt"

// Severity is how bad a class of event is for the connection.
type Severity uint8

// The severities. An event of [Info] never opens an incident, one of [Warn]
// only together with others or when the connection is lost, [Error] opens
// one, and after [Fatal] the host or the device does not come back by itself.
const (
	Info Severity = iota
	Warn
	Error
	Fatal
)

var severityNames = [...]string{Info: "info", Warn: "warn", Error: "error", Fatal: "fatal"}

// String returns the name used in packs and in JSON.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// ParseSeverity returns the severity of that name, and false when there is none.
func ParseSeverity(name string) (Severity, bool) {
	for s, n := range severityNames {
		if n == name {
			return Severity(s), true
		}
	}
	return 0, false
}

// Class is what a record says, whichever driver or daemon says it. The names
// are stable: reports, fingerprints and comparisons carry them.
type Class string

// Group is the part of the system that a class speaks of.
type Group uint8

// The groups, in the order in which the vocabulary lists them.
const (
	GroupChip        Group = iota // chip, bus and firmware
	GroupAssociation              // authentication and association, as mac80211 tells them
	GroupRequest                  // what nl80211, supplicants and managers tell
	GroupKernel                   // splats, panics, stalls
	GroupProgress                 // steps that go well
	GroupContext                  // what happens around
)

// Chip, bus and firmware.
const (
	MCUTimeout          Class = "mcu-timeout"
	CommandFailed       Class = "command-failed"
	MCURetry            Class = "mcu-retry"
	MCUSequenceMismatch Class = "mcu-sequence-mismatch"
	ROCTimeout          Class = "roc-timeout"
	FirmwareBoot        Class = "firmware-boot"
	FirmwareReload      Class = "firmware-reload"
	FirmwareCrash       Class = "firmware-crash"
	FirmwareLoadFailed  Class = "firmware-load-failed"
	ResetStart          Class = "reset-start"
	ResetDone           Class = "reset-done"
	ResetFailed         Class = "reset-failed"
	DriverOwnFailed     Class = "driver-own-failed"
	ProbeFailed         Class = "probe-failed"
	MMIODead            Class = "mmio-dead"
	DeviceGone          Class = "device-gone"
	PMFailed            Class = "pm-failed"
	DriverOpFailed      Class = "driver-op-failed"
	PCIeError           Class = "pcie-error"
	IOMMUFault          Class = "iommu-fault"
	TxStuck             Class = "tx-stuck"
	BusError            Class = "bus-error"
)

// Association, as mac80211 tells it.
const (
	KeyRemoveFailed      Class = "key-remove-failed"
	KeySetFailed         Class = "key-set-failed"
	AuthTimeout          Class = "auth-timeout"
	AuthRejected         Class = "auth-rejected"
	AssocTimeout         Class = "assoc-timeout"
	AssocRejected        Class = "assoc-rejected"
	AssocComeback        Class = "assoc-comeback"
	DeauthByAP           Class = "deauth-by-ap"
	BeaconLoss           Class = "beacon-loss"
	DriverDisconnect     Class = "driver-disconnect"
	MLONegotiationFailed Class = "mlo-negotiation-failed"
	APConfigChange       Class = "ap-config-change"
)

// What nl80211, supplicants and managers tell.
const (
	MLOGroupKeyLinkID  Class = "mlo-group-key-link-id"
	BSSFetchFailed     Class = "bss-fetch-failed"
	KeyRejected        Class = "key-rejected"
	AuthRequestFailed  Class = "auth-request-failed"
	AssocRequestFailed Class = "assoc-request-failed"
	HandshakeFailed    Class = "handshake-failed"
	APClientChurn      Class = "ap-client-churn"
	ConnectionFailed   Class = "connection-failed"
	DataStall          Class = "data-stall"
	ScanFailed         Class = "scan-failed"
)

// Kernel.
const (
	KernelWarning Class = "kernel-warning"
	KernelOops    Class = "kernel-oops"
	KernelPanic   Class = "kernel-panic"
	HungTask      Class = "hung-task"
	Lockup        Class = "lockup"
)

// Progress and context.
const (
	RoamStart         Class = "roam-start"
	AuthStart         Class = "auth-start"
	Authenticated     Class = "authenticated"
	AssocStart        Class = "assoc-start"
	AssocResponse     Class = "assoc-response"
	LinkUp            Class = "link-up"
	Associated        Class = "associated"
	Connected         Class = "connected"
	DisconnectedLocal Class = "disconnected-local"
	RegulatoryLimit   Class = "regulatory-limit"
	MLOReconfigured   Class = "mlo-reconfigured"
	Probe             Class = "probe"
	CycleMark         Class = "cycle-mark"

	SuspendEntry         Class = "suspend-entry"
	SuspendExit          Class = "suspend-exit"
	RegdomChange         Class = "regdom-change"
	BSSTransitionRequest Class = "bss-transition-request"
	ChannelSwitch        Class = "channel-switch"
	BluetoothReset       Class = "bluetooth-reset"
	RecordsLost          Class = "records-lost"
)

// ClassInfo is what the vocabulary says about a class.
type ClassInfo struct {
	Class    Class
	Severity Severity // unless a pattern gives another
	Group    Group
	// Derived tells that the class comes from several records together: no
	// pattern may claim it unless a driver says it in so many words.
	Derived bool
	Meaning string
}

// Vocabulary returns every class in the order in which people read about them.
func Vocabulary() []ClassInfo {
	return append([]ClassInfo(nil), vocabulary[:]...)
}

// Info returns what the vocabulary says of c, and false for a class that it
// does not hold.
func (c Class) Info() (ClassInfo, bool) {
	for i := range vocabulary {
		if vocabulary[i].Class == c {
			return vocabulary[i], true
		}
	}
	return ClassInfo{}, false
}

var vocabulary = [...]ClassInfo{
	{MCUTimeout, Error, GroupChip, false, "a host command to the chip's processor got no answer in time"},
	{CommandFailed, Error, GroupChip, false, "a command to the chip was refused, failed or could not be sent"},
	{MCURetry, Warn, GroupChip, false, "the driver sends a command to the chip again"},
	{MCUSequenceMismatch, Error, GroupChip, false, "an answer came for another command than the one waited for"},
	{ROCTimeout, Error, GroupChip, true, "the chip never granted the time on a channel that was asked for"},
	{FirmwareBoot, Info, GroupChip, false, "firmware comes up"},
	{FirmwareReload, Error, GroupChip, true, "firmware came up again on a running device without a known reason: a silent crash"},
	{FirmwareCrash, Error, GroupChip, false, "the firmware crashed"},
	{FirmwareLoadFailed, Error, GroupChip, false, "firmware cannot be found, sent or started"},
	{ResetStart, Warn, GroupChip, false, "the driver starts to reset the chip"},
	{ResetDone, Info, GroupChip, false, "the reset ended well"},
	{ResetFailed, Fatal, GroupChip, false, "the reset failed"},
	{DriverOwnFailed, Error, GroupChip, false, "the host cannot wake the chip or take it back from its low-power owner"},
	{ProbeFailed, Error, GroupChip, false, "the driver gives the device up at start"},
	{MMIODead, Fatal, GroupChip, false, "registers read all ones or a poison value: the device has no power or left the bus"},
	{DeviceGone, Fatal, GroupChip, false, "the bus says that the device was removed"},
	{PMFailed, Error, GroupChip, false, "suspend or resume of the device failed"},
	{DriverOpFailed, Warn, GroupChip, false, "mac80211 finds the driver refusing or out of step"},
	{PCIeError, Warn, GroupChip, false, "the bus reports an error on the device or the port above it"},
	{IOMMUFault, Error, GroupChip, false, "the device's DMA went where it may not"},
	{TxStuck, Error, GroupChip, false, "frames or transmit queues no longer drain"},
	{BusError, Error, GroupChip, false, "transfers to the device fail"},

	{KeyRemoveFailed, Warn, GroupAssociation, false, "a key could not be taken off the hardware"},
	{KeySetFailed, Error, GroupAssociation, false, "a key could not be put on the hardware"},
	{AuthTimeout, Error, GroupAssociation, false, "the AP never answered authentication"},
	{AuthRejected, Error, GroupAssociation, false, "the AP refused authentication"},
	{AssocTimeout, Error, GroupAssociation, false, "the AP never answered association"},
	{AssocRejected, Error, GroupAssociation, false, "the AP refused association for good"},
	{AssocComeback, Warn, GroupAssociation, false, "the AP refused association for now"},
	{DeauthByAP, Warn, GroupAssociation, false, "the AP ended the connection"},
	{BeaconLoss, Warn, GroupAssociation, false, "the AP is no longer heard"},
	{DriverDisconnect, Warn, GroupAssociation, false, "the driver asked for the disconnection"},
	{MLONegotiationFailed, Error, GroupAssociation, false, "association came back without, or with a wrong, multi-link part"},
	{APConfigChange, Warn, GroupAssociation, false, "the AP changed so far that the station must leave"},

	{MLOGroupKeyLinkID, Warn, GroupRequest, false, "a group-key request on a multi-link connection carried no link id"},
	{BSSFetchFailed, Error, GroupRequest, false, "the kernel holds no usable scan entry for a link asked for"},
	{KeyRejected, Error, GroupRequest, false, "the kernel refused a key request"},
	{AuthRequestFailed, Error, GroupRequest, false, "the kernel or driver refused to start authentication"},
	{AssocRequestFailed, Error, GroupRequest, false, "the kernel or driver refused to start association"},
	{HandshakeFailed, Error, GroupRequest, false, "the 4-way or group handshake failed or timed out"},
	{APClientChurn, Warn, GroupRequest, true, "one client associates and leaves again within seconds, three times or more"},
	{ConnectionFailed, Error, GroupRequest, false, "a supplicant or manager reports that a try failed or gives up"},
	{DataStall, Error, GroupRequest, true, "associated, and our own traffic does not pass"},
	{ScanFailed, Warn, GroupRequest, false, "a scan could not be run"},

	{KernelWarning, Error, GroupKernel, false, "a kernel warning with a wireless frame in it"},
	{KernelOops, Fatal, GroupKernel, false, "a kernel oops with a wireless frame in it"},
	{KernelPanic, Fatal, GroupKernel, false, "the kernel stopped"},
	{HungTask, Fatal, GroupKernel, false, "a task is blocked"},
	{Lockup, Fatal, GroupKernel, false, "a CPU stopped"},

	{RoamStart, Info, GroupProgress, false, "the station leaves one AP for another"},
	{AuthStart, Info, GroupProgress, false, "authentication starts"},
	{Authenticated, Info, GroupProgress, false, "authentication succeeded"},
	{AssocStart, Info, GroupProgress, false, "association starts"},
	{AssocResponse, Info, GroupProgress, false, "an association response arrived"},
	{LinkUp, Info, GroupProgress, false, "a link of a multi-link association is set up"},
	{Associated, Info, GroupProgress, false, "association succeeded"},
	{Connected, Info, GroupProgress, false, "the connection is ready for traffic"},
	{DisconnectedLocal, Info, GroupProgress, false, "the station itself ended the connection"},
	{RegulatoryLimit, Info, GroupProgress, false, "regulatory rules limit power or width"},
	{MLOReconfigured, Info, GroupProgress, false, "links were added or removed"},
	{Probe, Info, GroupProgress, false, "the driver finds the device"},
	{CycleMark, Info, GroupProgress, false, "roamfault marks a cycle of its run"},

	{SuspendEntry, Info, GroupContext, false, "the host goes to sleep"},
	{SuspendExit, Info, GroupContext, false, "the host wakes up"},
	{RegdomChange, Info, GroupContext, false, "the regulatory domain changes"},
	{BSSTransitionRequest, Info, GroupContext, false, "the AP asks the station to move"},
	{ChannelSwitch, Info, GroupContext, false, "the AP changes its channel"},
	{BluetoothReset, Info, GroupContext, false, "the Bluetooth side of the same chip is reset or fails"},
	{RecordsLost, Info, GroupContext, false, "the log itself says that records are missing"},
}
