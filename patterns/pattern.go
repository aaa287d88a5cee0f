// Package patterns is the catalogue of what drivers, the kernel and
// supplicants say about Wi-Fi, and the matcher that tells what a message is.
//
// Patterns are data: strict YAML packs (docs/patterns.md) with samples that
// must match and samples that must not. The packs that roamfault ships are
// compiled into a Go table by go generate, so that nothing is parsed at start.
package patterns

//go:generate go run ./packgen

// Pattern is one thing that a driver, the kernel or a daemon says, in one or
// more wordings.
type Pattern struct {
	// ID is the pack's name and the pattern's own, "mt76.mcu-timeout".
	ID string
	// Class is what the record says, empty when Role is set.
	Class Class
	// Role tells what a record that is no event is good for.
	Role Role
	// Severity of the event.
	Severity Severity
	// Forms are the wordings.
	Forms []Form
	// Drivers and Identifiers are globs of who may say it; empty: anybody.
	Drivers, Identifiers []string
	// Strict asks that a driver of Drivers is named in the message.
	Strict bool
	// Priority decides between patterns that match the same message.
	Priority int
	// Phase is when it happened, where the record itself tells.
	Phase string
	// Layer overrides the layer that the class implies.
	Layer string
	// Final tells that the record says that somebody gives up.
	Final bool
	// AnyDevice tells that any device may say it: the record is an event
	// only when its device turns out to be a Wi-Fi one.
	AnyDevice bool
	// Splat marks the headline of a kernel splat.
	Splat bool
	// Stage is the bring-up stage that the record proves, StageFailed the
	// one that it shows to have failed.
	Stage, StageFailed string
	// Cases change the reading by the value of a field.
	Cases []Case
	// Meaning and Advice are sentences for people.
	Meaning, Advice string
	// Source is the file and function that prints the record.
	Source string
	// Kernels are the versions with this wording.
	Kernels string
}

// Form is one wording.
type Form struct {
	// Literal stands in every message that the form matches.
	Literal string
	// Match is a regular expression with macros expanded, empty when the
	// literal alone decides.
	Match string
}

// Case is another reading of a pattern for some values of a field.
type Case struct {
	Field    string
	In       []string
	Class    Class  // empty: as the pattern says
	Severity string // empty: that of the class
	Also     Class  // a second event from the same record
	Final    bool
}

// Role is what a record that is no event is good for.
type Role string

// The roles.
const (
	RoleNoise    Role = "noise"    // known and harmless
	RoleIdentity Role = "identity" // names that belong to one device
	RoleFirmware Role = "firmware" // versions
	RoleStop     Role = "stop"     // a transmit queue stops
	RoleWake     Role = "wake"     // it runs again
	RoleFrame    Role = "frame"    // a line of a splat
	RoleAPSta    Role = "ap-sta"   // on an AP: one of its clients comes or goes
	RoleState    Role = "state"    // a manager's state machine moves
	RoleHeard    Role = "heard"    // the AP is heard again
	RoleBelow    Role = "below"    // the device lies below the port that just told an error
	RoleDump     Role = "dump"     // part of the dump that firmware leaves behind when it crashes
)

var roles = []Role{RoleNoise, RoleIdentity, RoleFirmware, RoleStop, RoleWake, RoleFrame, RoleAPSta, RoleState, RoleHeard, RoleBelow, RoleDump}

var phases = []string{"boot", "idle", "scan", "connect", "roam", "suspend", "reset"}

var layers = []string{"device", "firmware", "driver", "mac80211", "supplicant", "ap", "bus", "kernel", "unknown"}

// Stages are the steps of a bring-up in order, from the bus that finds the
// device to the interface that can be used. A driver shows some of them only.
var stages = []string{"enumerated", "bar-mapped", "chip-id", "cb-infra", "wifi-reset", "dma-rings", "firmware-parsed", "firmware-sent", "firmware-ready", "interface"}

// Stages returns the steps of a bring-up in their order.
func Stages() []string { return append([]string(nil), stages...) }
