package runlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Key names something of the environment of a run.
type Key string

// The known keys. An environment may hold others.
const (
	KeyKernel        Key = "kernel"
	KeyKernelVersion Key = "kernel-version"
	KeyTaint         Key = "taint"
	KeyCommandLine   Key = "command-line"
	KeyDistribution  Key = "distribution"
	KeyMachine       Key = "machine"
	KeyBIOS          Key = "bios"
	KeyDriver        Key = "driver"
	KeyModulePath    Key = "module-path"
	KeyModuleVersion Key = "module-srcversion"
	KeyModuleOptions Key = "module-options"
	KeyChip          Key = "chip"
	KeyBus           Key = "bus"
	KeyFirmware      Key = "firmware"
	KeyFirmwareFile  Key = "firmware-file"
	KeySupplicant    Key = "supplicant"
	KeyVia           Key = "via"
	KeyManager       Key = "manager"
	KeyRegulatory    Key = "regulatory"
	KeyPowerSave     Key = "power-save"
	KeyRuntimePM     Key = "runtime-pm"
	KeyASPM          Key = "aspm"
	KeySSID          Key = "ssid"
	KeyAPs           Key = "aps"
	KeyAPVendor      Key = "ap-vendor"
	KeyAPFirmware    Key = "ap-firmware"
	KeySecurity      Key = "security"
	KeyInterface     Key = "interface"
	KeyProgram       Key = "program"
	KeyPatterns      Key = "patterns"
	KeySources       Key = "sources"
	KeyClasses       Key = "classes"
	KeyLeftOut       Key = "left-out"
)

// Role says what it means where two runs that are compared differ in a key.
type Role string

// The roles.
const (
	// Compared: it is what comparisons are made for; as long as it is the only
	// difference, the verdict is about it.
	Compared Role = "compared"
	// Nuisance: it can change what comes out; the verdict carries a warning.
	Nuisance Role = "nuisance"
	// Equal: runs that differ in it were made with different things, and a verdict
	// about the compared one would be about these.
	Equal Role = "equal"
	// Free: it means nothing for what comes out.
	Free Role = "free"
)

// KeyInfo says what a key of the environment holds.
type KeyInfo struct {
	Key   Key
	About string
	Role  Role
}

// Keys are the known keys, in the order in which they are shown.
func Keys() []KeyInfo {
	return []KeyInfo{
		{KeyKernel, "kernel release (uname -r)", Compared},
		{KeyKernelVersion, "kernel version, its build (uname -v)", Compared},
		{KeyTaint, "kernel taint flags as letters, empty for none", Nuisance},
		{KeyCommandLine, "kernel command line", Nuisance},
		{KeyDistribution, "name and version of the distribution", Nuisance},
		{KeyMachine, "vendor and model of the machine", Nuisance},
		{KeyBIOS, "firmware of the machine, version and date", Nuisance},
		{KeyDriver, "driver that has the card, such as mt7925e", Equal},
		{KeyModulePath, "file of the running module", Compared},
		{KeyModuleVersion, "srcversion of the running module", Compared},
		{KeyModuleOptions, "parameters of the module that are not the default", Compared},
		{KeyChip, "the card's bus ids, such as 14c3:7925", Equal},
		{KeyBus, "where the card is, such as 0000:c0:00.0", Free},
		{KeyFirmware, "versions that the firmware tells of itself", Compared},
		{KeyFirmwareFile, "firmware file and its hash", Compared},
		{KeySupplicant, "name and version of the supplicant", Compared},
		{KeyVia, "by which way the station is asked: ctrl, dbus, nl80211", Equal},
		{KeyManager, "network manager and its version, empty for none", Nuisance},
		{KeyRegulatory, "regulatory domain", Equal},
		{KeyPowerSave, "802.11 power save at the start: on, off", Nuisance},
		{KeyRuntimePM, "the driver's own power saving at the start", Nuisance},
		{KeyASPM, "power saving of the PCIe link at the start", Nuisance},
		{KeySSID, "the network's name", Equal},
		{KeyAPs, "addresses and channels of the access points, in order", Equal},
		{KeyAPVendor, "vendor elements of the access points", Equal},
		{KeyAPFirmware, "model and firmware of the access points, as far as they tell", Nuisance},
		{KeySecurity, "authentication and ciphers of the network", Equal},
		{KeyInterface, "name of the interface", Free},
		{KeyProgram, "version of roamfault", Nuisance},
		{KeyPatterns, "version of the patterns that made the incidents", Nuisance},
		{KeySources, "whose words were read: kernel, daemons, supplicant, station, probe", Nuisance},
		{KeyClasses, "classes of incidents that could have been told, each with whose words tell it", Free},
		{KeyLeftOut, "kinds of cycle of the plan that could not be made", Nuisance},
	}
}

// Info returns what is known of a key. One that is not known is a nuisance.
func (k Key) Info() (KeyInfo, bool) {
	for _, info := range Keys() {
		if info.Key == k {
			return info, true
		}
	}
	return KeyInfo{Key: k, Role: Nuisance}, false
}

// Setting is a key and what it is.
type Setting struct {
	Key   Key
	Value string
}

// Environment is what a run was made in, in the order in which it was found out.
// A key is there once.
type Environment []Setting

// Bounds of an environment that is read.
const (
	mostSettings = 1024
	longestValue = 64 << 10
)

// Get returns the value of a key.
func (e Environment) Get(k Key) (value string, ok bool) {
	for _, s := range e {
		if s.Key == k {
			return s.Value, true
		}
	}
	return "", false
}

// Set gives a key its value, in its old place or at the end.
func (e *Environment) Set(k Key, value string) {
	for i := range *e {
		if (*e)[i].Key == k {
			(*e)[i].Value = value
			return
		}
	}
	*e = append(*e, Setting{k, value})
}

// Classes are the classes of incidents that a run could have told, each as
// "class:sources", where the letters of the sources stand for whose words tell it.
// Nil where nobody wrote them down: then nothing is known, and none is left out.
func (e Environment) Classes() []string {
	value, ok := e.Get(KeyClasses)
	if !ok {
		return nil
	}
	return append([]string{}, strings.Fields(value)...)
}

// SetClasses writes down which classes of incidents a run can tell.
func (e *Environment) SetClasses(classes []string) { e.Set(KeyClasses, strings.Join(classes, " ")) }

// Difference is a key in which two environments differ.
type Difference struct {
	KeyInfo
	A, B string // empty where it is not known
}

// Differences gives the keys in which two environments differ: the known ones in
// their order, then the others of e and of other in theirs.
func (e Environment) Differences(other Environment) iter.Seq[Difference] {
	return func(yield func(Difference) bool) {
		seen := make(map[Key]bool)
		differ := func(k Key) bool {
			if seen[k] {
				return true
			}
			seen[k] = true
			info, _ := k.Info()
			a, _ := e.Get(k)
			b, _ := other.Get(k)
			return a == b || yield(Difference{info, a, b})
		}
		for _, info := range Keys() {
			if !differ(info.Key) {
				return
			}
		}
		for _, list := range []Environment{e, other} {
			for _, s := range list {
				if !differ(s.Key) {
					return
				}
			}
		}
	}
}

// MarshalJSON gives an object in the order of the settings.
func (e Environment) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, s := range e {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(string(s.Key)); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(s.Value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object of texts and keeps its order.
func (e *Environment) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(err, errors.New("an environment is an object"))
	}
	var read Environment
	for dec.More() {
		if len(read) == mostSettings {
			return fmt.Errorf("an environment of more than %d keys", mostSettings)
		}
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value string
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("key %q of the environment: %w", key, err)
		}
		if len(value) > longestValue {
			return fmt.Errorf("key %q of the environment has %d bytes", key, len(value))
		}
		name, _ := key.(string)
		read.Set(Key(name), value)
	}
	*e = read
	return nil
}
