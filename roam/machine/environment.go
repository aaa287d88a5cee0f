package machine

import (
	"bufio"
	"cmp"
	"context"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"roamfault/journal"
	"roamfault/patterns/decode"
	"roamfault/reports/spool"
	"roamfault/roam/runlog"
)

// Sources are what the environment is told from beside the tree of files; each may be nil.
type Sources struct {
	// Loaded tells the modules that drive the cards, as watch/collect does.
	Loaded func() (spool.BootNote, error)
	// Firmware is the version of the firmware that runs on an interface's card.
	Firmware func(iface string) (string, error)
	// Run runs a program and returns what it prints.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// Keys beside those that package runlog knows.
const (
	keyArchitecture runlog.Key = "architecture"
	keyBoard        runlog.Key = "board"
	keyRevision     runlog.Key = "chip-revision"
	keySubsystem    runlog.Key = "chip-subsystem"
	keyBusSpeed     runlog.Key = "bus-speed"
	// keyModule is followed by a module's name.
	keyModule = "module-"
)

// mostSetting bounds a value, mostParameters the parameters of a module.
const (
	mostSetting    = 512
	mostParameters = 32
)

// setting is a collected environment. Values are made safe to show.
type setting struct{ runlog.Environment }

// add sets a key unless nothing is known.
func (s *setting) add(key runlog.Key, values ...string) {
	value := strings.Join(strings.Fields(journal.Sanitize(strings.Join(values, " "), false)), " ")
	if len(value) > mostSetting {
		value = strings.ToValidUTF8(value[:mostSetting], "")
	}
	if value != "" {
		s.Set(key, value)
	}
}

// Environment says what a run is made on: what another run must share to be
// compared, and what a maintainer asks first. What cannot be read is left out;
// nothing in it tells one machine of a model from another.
func (m *Machine) Environment(ctx context.Context, c Card, from Sources) runlog.Environment {
	var s setting
	m.addKernel(&s)
	m.addModel(&s)
	m.addModules(&s, c, from)
	m.addDevice(&s, c)
	if place, err := m.Find(c); err == nil {
		s.add(runlog.KeyInterface, place.Interface)
		if from.Firmware != nil {
			if version, err := from.Firmware(place.Interface); err == nil {
				s.add(runlog.KeyFirmware, version)
			}
		}
	}
	if from.Run != nil {
		if out, err := from.Run(ctx, "wpa_supplicant", "-v"); err == nil {
			line, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
			s.add(runlog.KeySupplicant, line)
		}
	}
	m.addKnobs(ctx, &s, c)
	return s.Environment
}

func (m *Machine) addKernel(s *setting) {
	s.add(runlog.KeyKernel, m.or("proc/sys/kernel/osrelease", ""))
	s.add(runlog.KeyKernelVersion, m.or("proc/sys/kernel/version", ""))
	s.add(keyArchitecture, m.or("proc/sys/kernel/arch", ""))
	s.add(runlog.KeyCommandLine, decode.KernelParameters(m.or("proc/cmdline", ""))...)
	if set, err := strconv.ParseUint(m.or("proc/sys/kernel/tainted", ""), 10, 64); err == nil {
		s.Set(runlog.KeyTaint, taints(set))
	}
	for line := range strings.Lines(m.or("etc/os-release", "")) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			s.add(runlog.KeyDistribution, strings.Trim(strings.TrimSpace(name), `"'`))
		}
	}
}

// taints is the kernel's taint mask as its letters, and what they mean; empty for
// none.
func taints(mask uint64) string {
	var letters, words []string
	for _, t := range decode.Taints(mask) {
		letters, words = append(letters, t.Letter), append(words, t.Meaning)
	}
	if letters == nil {
		return ""
	}
	return strings.Join(letters, "") + " (" + strings.Join(words, ", ") + ")"
}

// addModel adds what the DMI tables say of the model. Serial numbers and the
// machine's UUID stand beside it and are left there.
func (m *Machine) addModel(s *setting) {
	dmi := func(file string) string { return m.or(path.Join("sys/class/dmi/id", file), "") }
	s.add(runlog.KeyMachine, dmi("sys_vendor"), dmi("product_name"), dmi("product_version"))
	s.add(keyBoard, dmi("board_name"))
	s.add(runlog.KeyBIOS, dmi("bios_version"), dmi("bios_date"))
}

// addModules adds the card's driver and the modules that it rests on.
func (m *Machine) addModules(s *setting, c Card, from Sources) {
	driver := m.base(path.Join("sys", c.Device, "driver"))
	s.add(runlog.KeyDriver, driver)
	module := cmp.Or(m.base(path.Join("sys", c.Device, "driver/module")), decode.ModuleName(driver))
	s.add(runlog.KeyModulePath, m.modulePath(module))
	if module != "" {
		s.add(runlog.KeyModuleVersion, m.or(path.Join("sys/module", module, "srcversion"), ""))
		s.add(runlog.KeyModuleOptions, m.parameters(module)...)
	}
	if from.Loaded == nil {
		return
	}
	note, err := from.Loaded()
	if err != nil {
		return
	}
	for _, l := range note.Modules {
		if l.Name != module {
			s.add(runlog.Key(keyModule+l.Name), cmp.Or(strings.TrimSpace(l.Version+" "+l.SrcVersion), "loaded"))
		}
	}
}

// parameters are those of a module that the kernel shows.
func (m *Machine) parameters(module string) []string {
	dir := path.Join("sys/module", module, "parameters")
	names := m.names(dir)
	slices.Sort(names)
	var out []string
	for _, name := range names[:min(len(names), mostParameters)] {
		if value := m.or(path.Join(dir, name), ""); value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// mostDep bounds a line of modules.dep(5).
const mostDep = 64 << 10

// modulePath is a module's file below /lib/modules/RELEASE, as modprobe(8) would
// load it.
func (m *Machine) modulePath(module string) string {
	release := m.or("proc/sys/kernel/osrelease", "")
	if module == "" || release == "" || strings.ContainsAny(release, "/ ") {
		return ""
	}
	file, err := os.Open(m.path(path.Join("lib/modules", release, "modules.dep")))
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, mostDep)
	for lines.Scan() {
		if file, ok := decode.ParseModuleFile(lines.Text()); ok && file.Name == module {
			return file.Path
		}
	}
	return ""
}

// addDevice adds the card and its place on the bus.
func (m *Machine) addDevice(s *setting, c Card) {
	dir := path.Join("sys", c.Device)
	number := func(dir, name string) string {
		return strings.TrimPrefix(m.or(path.Join(dir, name), ""), "0x")
	}
	pair := func(dir, a, b string) string { return strings.Trim(number(dir, a)+":"+number(dir, b), ":") }
	s.add(runlog.KeyBus, path.Base(c.Device))
	s.add(runlog.KeyChip, cmp.Or(pair(dir, "vendor", "device"), pair(path.Dir(dir), "idVendor", "idProduct")))
	s.add(keySubsystem, pair(dir, "subsystem_vendor", "subsystem_device"))
	s.add(keyRevision, number(dir, "revision"))
	if speed := m.or(path.Join(dir, "current_link_speed"), ""); speed != "" {
		s.add(keyBusSpeed, speed, "x"+m.or(path.Join(dir, "current_link_width"), "?"))
	} else if speed := m.or(path.Join(path.Dir(dir), "speed"), ""); speed != "" {
		s.add(keyBusSpeed, speed, "Mbit/s")
	}
}

// addKnobs adds how the knobs stand, without those that say nothing of the
// machine, and how the PCIe link is.
func (m *Machine) addKnobs(ctx context.Context, s *setting, c Card) {
	knobs, err := m.Knobs(c)
	if err != nil {
		return // the card is none
	}
	for _, k := range knobs {
		switch k.Name {
		case Interface, Driver, ActiveLinks, WakeAlarm:
			continue
		}
		if value, err := k.Read(ctx); err == nil {
			s.add(runlog.Key(k.Name), value)
		}
	}
	if aspm, err := m.ASPM(ctx, c); err == nil {
		s.add(runlog.KeyASPM, aspm.String())
	}
}
