package collect

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"time"

	"roamfault/patterns/decode"
	"roamfault/reports/spool"
)

// Loaded returns what drives this machine's Wi-Fi cards at present: the kernel,
// the modules that are bound to the cards, and those they rest on. The boot is
// the caller's to say. Like [Collector.Collect] it comes back within the limit.
func (c *Collector) Loaded() (spool.BootNote, error) {
	if !c.begin() {
		return spool.BootNote{}, fmt.Errorf("look for the loaded drivers: the system has not answered the gathering before this")
	}
	done := make(chan spool.BootNote, 1)
	go func() {
		n := readLoaded(c.System.Files)
		c.end() // before the caller has the answer, and may ask again
		done <- n
	}()
	timer := time.NewTimer(c.Limit)
	defer timer.Stop()
	select {
	case n := <-done:
		return n, nil
	case <-timer.C:
		return spool.BootNote{}, fmt.Errorf("look for the loaded drivers: the system did not answer within %v", c.Limit)
	}
}

func readLoaded(f Files) spool.BootNote {
	n := spool.BootNote{Kernel: readKernel(f).Release, Modules: []spool.Module{}}
	drivers := readDrivers(f)
	if len(drivers) == 0 {
		return n
	}
	for _, m := range readModules(f, drivers) {
		n.Modules = append(n.Modules, spool.Module{Name: m.Name, Driver: slices.Contains(drivers, m.Name), Version: m.Version, SrcVersion: m.SrcVersion})
	}
	return n
}

// readDrivers returns the modules that are bound to the Wi-Fi cards. It goes by
// radios, which a card has also where it has no interface yet.
func readDrivers(f Files) []string {
	const class = "sys/class/ieee80211"
	radios, err := f.List(class)
	if err != nil {
		return nil // a machine without Wi-Fi
	}
	var out []string
	for _, radio := range radios {
		driver := path.Join(class, radio, "device/driver")
		name := decode.ModuleName(cmp.Or(base(f, path.Join(driver, "module")), base(f, driver)))
		if name != "" && !slices.Contains(out, name) && len(out) < mostModules {
			out = append(out, name)
		}
	}
	return out
}
