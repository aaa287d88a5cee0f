package decode

import "fmt"

// Stage is a step on the way from a device on the bus to an interface. How
// far a driver came tells where it failed.
type Stage int

// The stages. No ladder has all of them; see [Ladders].
const (
	StageNone Stage = iota

	StageEnumerated          // the bus found the device
	StageEnabled             // the device answers on the bus
	StageMapped              // its registers can be read
	StageChipID              // it says which chip it is
	StageDriverOwn           // the host owns the chip, not its low-power processor
	StageBusFabric           // CB_INFRA, the fabric between host and Wi-Fi, is set up
	StageSubsystemReset      // the Wi-Fi part was reset
	StageRings               // memory for DMA is there
	StageSemaphore           // the firmware lets the host load a patch
	StagePatch               // the patch's version is known, and it is being sent
	StageFirmwareParsed      // the firmware's file is understood
	StageFirmwareSent        // every region was handed over
	StageFirmwareVersion     // the firmware's version is known, and it is being sent
	StageMCUReady            // the chip's processor says that it runs
	StageCapabilities        // the driver knows what the chip can
	StageWiphyRegistered     // the system knows the device
	StageInterfaceRegistered // there is a network interface
	StageStateMachine        // FreeBSD: net80211 drives the station
)

type stageInfo struct{ name, meaning string }

var stages = [...]stageInfo{
	StageNone:                {"none", "nothing was seen of the device"},
	StageEnumerated:          {"enumerated", "the bus found the device and its ids"},
	StageEnabled:             {"enabled", "the driver took the device and switched it on at the bus"},
	StageMapped:              {"registers mapped", "the device's registers are in reach (BAR0)"},
	StageChipID:              {"chip identified", "the chip's id register was read and is one that the driver knows"},
	StageDriverOwn:           {"driver own", "the chip handed itself from its low-power owner to the host"},
	StageBusFabric:           {"bus fabric set up", "CB_INFRA, the fabric between the bus and the Wi-Fi part, is configured"},
	StageSubsystemReset:      {"subsystem reset", "the Wi-Fi part of the chip was reset and came back"},
	StageRings:               {"rings allocated", "the rings for DMA are allocated and the chip knows them"},
	StageSemaphore:           {"patch semaphore", "the chip's processor answered its first command and lets the host load"},
	StagePatch:               {"patch loading", "the patch for the chip's ROM was read and is being sent (HW/SW Version)"},
	StageFirmwareParsed:      {"firmware parsed", "the firmware file was found and its regions are known"},
	StageFirmwareSent:        {"firmware handed over", "all regions of the firmware were sent"},
	StageFirmwareVersion:     {"firmware loading", "the firmware was read and is being sent (WM Firmware Version, loaded firmware version)"},
	StageMCUReady:            {"processor ready", "the chip's processor says that its firmware runs (FW_N9_RDY)"},
	StageCapabilities:        {"capabilities read", "the firmware told what the chip can do"},
	StageWiphyRegistered:     {"wiphy registered", "the device is known to cfg80211"},
	StageInterfaceRegistered: {"interface registered", "there is a network interface, mostly renamed at once"},
	StageStateMachine:        {"state machine running", "net80211 drives the station through its states"},
}

// Name returns the stage's name in a few words.
func (s Stage) Name() string {
	if s >= 0 && int(s) < len(stages) {
		return stages[s].name
	}
	return fmt.Sprintf("stage(%d)", int(s))
}

// Meaning says in plain words what has been reached. It is never empty.
func (s Stage) Meaning() string {
	if s >= 0 && int(s) < len(stages) {
		return stages[s].meaning
	}
	return "a stage that these tables do not know"
}

// String returns the stage's name.
func (s Stage) String() string { return s.Name() }

// ParseStage returns the stage of that name.
func ParseStage(name string) (Stage, bool) {
	for i, s := range stages {
		if s.name == name {
			return Stage(i), true
		}
	}
	return StageNone, false
}

// Ladder is the order in which one kind of driver climbs the stages.
type Ladder struct {
	// Name tells which drivers climb it: "mt7927", "mt76", "freebsd".
	Name string
	// Stages are its rungs from the bottom; none stands twice.
	Stages []Stage
	// Meaning says in plain words whose ladder it is.
	Meaning string
}

// Rung returns the place of a stage on the ladder, from 1, and false for a
// stage that the ladder does not have.
func (l Ladder) Rung(s Stage) (int, bool) {
	for i, rung := range l.Stages {
		if rung == s {
			return i + 1, true
		}
	}
	return 0, false
}

// Next returns the stage above s: the one that failed when s was the last one
// seen. For [StageNone] it is the first; above the top there is none.
func (l Ladder) Next(s Stage) (Stage, bool) {
	at, ok := l.Rung(s)
	if !ok && s != StageNone || at >= len(l.Stages) {
		return StageNone, false
	}
	return l.Stages[at], true
}

// Ladders returns the ladders: that of drivers which bring an MT7927 up by
// hand, that of mt76 in the kernel, and FreeBSD's.
func Ladders() []Ladder {
	return []Ladder{
		{
			Name:    "mt7927",
			Meaning: "drivers outside the kernel that bring an MT7927 (MT6639) up step by step",
			Stages: []Stage{StageEnumerated, StageMapped, StageChipID, StageBusFabric, StageSubsystemReset,
				StageRings, StageFirmwareParsed, StageFirmwareSent, StageMCUReady, StageInterfaceRegistered},
		},
		{
			Name:    "mt76",
			Meaning: "mt76 in the Linux kernel: mt7921e, mt7925e and their kin",
			Stages: []Stage{StageEnabled, StageChipID, StageDriverOwn, StageSemaphore, StagePatch,
				StageFirmwareVersion, StageMCUReady, StageWiphyRegistered, StageInterfaceRegistered},
		},
		{
			Name:    "freebsd",
			Meaning: "Linux drivers on FreeBSD's compatibility layer",
			Stages: []Stage{StageEnumerated, StageEnabled, StageFirmwareVersion, StageMCUReady, StageCapabilities,
				StageWiphyRegistered, StageInterfaceRegistered, StageStateMachine},
		},
	}
}

// LadderNamed returns the ladder of that name.
func LadderNamed(name string) (Ladder, bool) {
	for _, l := range Ladders() {
		if l.Name == name {
			return l, true
		}
	}
	return Ladder{}, false
}
