// Package collect gathers what belongs to an incident and goes away soon: the
// device's coredump, the state of the link and of the device, module and
// firmware versions.
//
// It looks and never acts: no file of a driver's is read that makes the driver
// talk to its chip. Reading from a kernel in trouble may hang nevertheless, and
// so it has a time limit: what was gathered until then counts.
package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/spool"
)

// Collected is what was gathered. Strings are as the system has them, made safe
// to show.
type Collected struct {
	// Time is the wall clock when it was gathered, RFC 3339.
	Time       string      `json:"time"`
	Kernel     Kernel      `json:"kernel"`
	Modules    []Module    `json:"modules"`
	Interfaces []Interface `json:"interfaces"`
	// Links is what nl80211 says of the interfaces.
	Links []Link `json:"links"`
	Dumps []Dump `json:"dumps"`
	// Trouble tells what could not be gathered, and why.
	Trouble []string `json:"trouble"`
}

// Kernel is the running kernel.
type Kernel struct {
	Release string `json:"release,omitempty"`
	Version string `json:"version,omitempty"`
	// Taint is the taint mask, Taints the letters of its bits
	// (Documentation/admin-guide/tainted-kernels.rst).
	Taint  uint64 `json:"taint"`
	Taints string `json:"taints,omitempty"`
}

// Dump is a device coredump that was copied beside the incident.
type Dump struct {
	// Name is the kernel's name of it: "devcd3".
	Name string `json:"name"`
	// Device is the bus address of the device that failed, Driver its driver.
	Device string           `json:"device"`
	Driver string           `json:"driver,omitempty"`
	File   spool.Attachment `json:"file"`
}

// Attach keeps a file beside the incident.
type Attach = func(name string, r Reader, most int64) (spool.Attachment, error)

// Collector gathers. Its zero value is not ready: see [New].
type Collector struct {
	// System is the machine to look at.
	System System
	// Limit is how long a gathering may take.
	Limit time.Duration
	// MostDump is how much of a coredump is kept, in bytes.
	MostDump int64
	// Now is the wall clock.
	Now func() time.Time

	mu   sync.Mutex
	hung bool // a gathering has not come back
}

// The limits of a collector.
const (
	defaultLimit    = 3 * time.Second
	defaultMostDump = 16 << 20
)

// New returns a collector for this machine; it fails where there is nothing to
// collect from.
func New() (*Collector, error) {
	system, err := newSystem()
	if err != nil {
		return nil, err
	}
	return &Collector{System: system, Limit: defaultLimit, MostDump: defaultMostDump, Now: time.Now}, nil
}

// gathering is what one gathering has so far.
type gathering struct {
	mu   sync.Mutex
	over bool
	c    Collected
}

// add adds to it, unless its time is over, which it reports.
func (g *gathering) add(f func(*Collected)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		f(&g.c)
	}
	return !g.over
}

func (g *gathering) trouble(what string, err error) {
	g.add(func(c *Collected) {
		if len(c.Trouble) < mostTrouble {
			c.Trouble = append(c.Trouble, render.Clean(fmt.Sprintf("%s: %v", what, err)))
		}
	})
}

// mostTrouble bounds what is told of failures.
const mostTrouble = 16

// Collect gathers what there is about the incident's device and returns it as
// JSON. It comes back within the limit.
func (c *Collector) Collect(i *incident.Incident, attach Attach) (json.RawMessage, error) {
	g := &gathering{c: Collected{
		Time:    c.Now().UTC().Format(time.RFC3339Nano),
		Modules: []Module{}, Interfaces: []Interface{}, Links: []Link{}, Dumps: []Dump{}, Trouble: []string{},
	}}
	if c.begin() {
		done := make(chan struct{})
		ctx, cancel := context.WithTimeout(context.Background(), c.Limit)
		go func() {
			defer close(done)
			defer c.end()
			c.gather(ctx, i, g, attach)
		}()
		select {
		case <-done:
		case <-ctx.Done():
			g.trouble("the rest", fmt.Errorf("the system did not answer within %v", c.Limit))
		}
		cancel()
	} else {
		g.trouble("all", fmt.Errorf("the system has not answered the gathering before this"))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	b, err := json.Marshal(&g.c)
	if err != nil {
		return nil, fmt.Errorf("write what was collected: %w", err)
	}
	return b, nil
}

// begin reports whether no gathering hangs.
func (c *Collector) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hung {
		return false
	}
	c.hung = true
	return true
}

func (c *Collector) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hung = false
}

// gather looks at what can hang least first, and at the coredump before all
// that asks the driver.
func (c *Collector) gather(ctx context.Context, i *incident.Incident, g *gathering, attach Attach) {
	t := target{words: strings.Fields(i.Device)}
	kernel := readKernel(c.System.Files)
	g.add(func(c *Collected) { c.Kernel = kernel })
	interfaces := readInterfaces(c.System.Files)
	mine := t.among(interfaces)
	for n := range mine {
		t.learn(&mine[n])
	}
	c.dumps(ctx, &t, g, attach)
	modules := readModules(c.System.Files, t.drivers())
	g.add(func(c *Collected) { c.Modules = append(c.Modules, modules...) })
	for _, f := range mine {
		if ctx.Err() != nil {
			return
		}
		g.add(func(c *Collected) { c.Interfaces = append(c.Interfaces, f) })
		readMLO(c.System.Files, &f)
		if c.System.Driver != nil {
			info, err := c.System.Driver(f.Name)
			if err != nil {
				g.trouble("driver information of "+f.Name, err)
			}
			f.Firmware, f.DriverVersion = safe(info.Firmware), safe(info.Version)
		}
		g.add(func(c *Collected) { c.Interfaces[len(c.Interfaces)-1] = f })
	}
	if c.System.Links == nil || ctx.Err() != nil {
		return
	}
	links, err := c.System.Links(ctx)
	if err != nil {
		g.trouble("nl80211", err)
	}
	links = slices.DeleteFunc(links, func(l Link) bool {
		return len(mine) > 0 && !slices.ContainsFunc(mine, func(f Interface) bool { return f.Name == l.Interface })
	})
	g.add(func(c *Collected) { c.Links = append(c.Links, links...) })
}

// target is the device of the incident.
type target struct {
	words []string // as the incident names it
	buses []string // learned from its interfaces
	names []string // of its drivers
}

// among picks the target's interfaces: by name and address, or else by driver,
// or else all, as too much is better than nothing.
func (t *target) among(all []Interface) []Interface {
	for _, is := range []func(w string, f *Interface) bool{
		func(w string, f *Interface) bool {
			return w == f.Name || w == f.Phy || w == f.Bus || "0000:"+w == f.Bus
		},
		func(w string, f *Interface) bool { return w == f.Driver },
	} {
		mine := slices.DeleteFunc(slices.Clone(all), func(f Interface) bool {
			return !slices.ContainsFunc(t.words, func(w string) bool { return is(w, &f) })
		})
		if len(mine) > 0 {
			return mine
		}
	}
	return all
}

func (t *target) learn(f *Interface) {
	t.buses, t.names = append(t.buses, f.Bus), append(t.names, f.Driver)
}

// failed reports whether a device that failed is the target.
func (t *target) failed(bus, driver string) bool {
	if slices.Contains(t.words, bus) || bus != "" && slices.Contains(t.buses, bus) {
		return true
	}
	named := slices.ContainsFunc(t.words, func(w string) bool { return strings.Contains(w, ":") })
	return !named && driver != "" && slices.Contains(t.words, driver)
}

// drivers are the names of the target's drivers.
func (t *target) drivers() []string {
	var out []string
	for _, w := range append(slices.Clone(t.words), t.names...) {
		if w != "" && !slices.Contains(out, w) && !strings.ContainsAny(w, ":/.") {
			out = append(out, w)
		}
	}
	return out
}

// dumps copies the coredumps of the target. They go away five minutes after
// the failure, or when somebody writes to them (drivers/base/devcoredump.c).
func (c *Collector) dumps(ctx context.Context, t *target, g *gathering, attach Attach) {
	const class = "sys/class/devcoredump"
	names, err := c.System.Files.List(class)
	if err != nil {
		return // a kernel without them, or none taken
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "devcd") {
			continue
		}
		dir := path.Join(class, name)
		device := path.Join(dir, "failing_device")
		d := Dump{Name: safe(name), Device: base(c.System.Files, device), Driver: base(c.System.Files, path.Join(device, "driver"))}
		if !t.failed(d.Device, d.Driver) {
			continue
		}
		f, err := c.System.Files.Open(path.Join(dir, "data"))
		if err != nil {
			g.trouble("device coredump "+name, err)
			continue
		}
		if ctx.Err() == nil {
			d.File, err = attach("devcoredump-"+strings.TrimPrefix(name, "devcd"), f, c.MostDump)
			if err != nil {
				g.trouble("device coredump "+name, err)
			} else {
				g.add(func(c *Collected) { c.Dumps = append(c.Dumps, d) })
			}
		}
		if err := f.Close(); err != nil {
			g.trouble("device coredump "+name, err)
		}
	}
}

// safe makes text of the system fit to be shown, and short.
func safe(s string) string {
	s = strings.TrimSpace(s)
	return render.Clean(s[:min(len(s), longest)])
}

// longest bounds a piece of text.
const longest = 512

// base is the last name of what a link leads to.
func base(f Files, link string) string {
	to, err := f.Link(link)
	if err != nil {
		return ""
	}
	return safe(cmp.Or(path.Base(to), to))
}
