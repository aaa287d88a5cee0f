package labtest

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/site"
)

// Station is a radio of the lab and, where the test wants one, its supplicant.
type Station struct {
	// Name is the interface's, such as wlan0.
	Name string
	// Addr is the interface's address, by which a multi-link station is known to
	// access points.
	Addr dot11.Addr
	// Site is what the radio is.
	Site site.Station
	// Log is what the supplicant has printed, Events what its control interface
	// has told.
	Log, Events *Trail[Line]

	lab        *Lab
	number     int // of the lab's stations
	supplicant *supplicant
	begin      func(ctx context.Context) (*supplicant, error)
}

func newStation(l *Lab, s site.Station) *Station {
	return &Station{
		Name: s.Interface.Name, Addr: s.Interface.Addr, Site: s, Log: newTrail[Line](), Events: newTrail[Line](),
		lab: l, number: len(l.Stations),
	}
}

// start starts the supplicant, which ends with the test.
func (s *Station) start() error {
	ctx, cancel := s.lab.patience()
	defer cancel()
	dir := filepath.Join(s.lab.dir, s.Name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	asked := country(s.lab.Plan)
	if asked == "00" {
		asked = ""
	}
	config := site.Supplicant{
		Control: dir, Country: asked, AllChannels: s.lab.needs.AllChannels, Global: s.lab.needs.Global, Network: s.lab.needs.Network,
	}.Config(s.lab.Plan)
	var arguments []string
	if s.lab.needs.Debug {
		arguments = append(arguments, "-dd")
	}
	keep := func(line Line) {
		s.Log.add(line)
		s.lab.Supplicants.add(line)
	}
	s.begin = func(ctx context.Context) (*supplicant, error) {
		return startSupplicant(ctx, dir, s.Name, config, arguments, keep, s.Events)
	}
	var err error
	s.supplicant, err = s.begin(ctx)
	if err != nil {
		return err
	}
	s.lab.tb.Cleanup(func() {
		if err := s.supplicant.stop(); err != nil {
			s.lab.tb.Errorf("%s: %v", s.Name, err)
		}
	})
	return nil
}

// Control is the directory of the supplicant's control socket.
func (s *Station) Control() string { return filepath.Join(s.lab.dir, s.Name) }

// Restart kills the supplicant, which is then gone for a time, and starts it
// again. It is for any goroutine: what goes wrong fails the test, and does not end
// it.
func (s *Station) Restart(gone time.Duration) {
	s.supplicant.kill()
	time.Sleep(gone)
	ctx, cancel := s.lab.patience()
	defer cancel()
	next, err := s.begin(ctx)
	if err != nil {
		s.lab.tb.Errorf("%s: start wpa_supplicant again: %v", s.Name, err)
		return
	}
	s.supplicant = next
}

// Request asks the supplicant as wpa_cli does, in its own words ("STATUS").
func (s *Station) Request(words string) string {
	s.lab.tb.Helper()
	if s.supplicant == nil {
		s.lab.tb.Fatalf("%s has no supplicant: Needs.Supplicant", s.Name)
	}
	ctx, cancel := s.lab.patience()
	defer cancel()
	answer, err := s.supplicant.requests.request(ctx, words)
	if err != nil {
		s.lab.fatal("%s: %v", s.Name, err)
	}
	return answer
}

// Command is a Request whose answer has to be OK.
func (s *Station) Command(words string) {
	s.lab.tb.Helper()
	if answer := s.Request(words); answer != "OK" {
		s.lab.fatal("%s: ask wpa_supplicant %q: %s", s.Name, words, answer)
	}
}

// Status is what the supplicant answers to STATUS, by its names.
func (s *Station) Status() map[string]string {
	s.lab.tb.Helper()
	status := map[string]string{}
	for line := range strings.Lines(s.Request("STATUS")) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\n"), "="); ok {
			status[name] = value
		}
	}
	return status
}

// WaitLog waits for a line that the supplicant prints, with all those texts.
func (s *Station) WaitLog(from Mark, texts ...string) (Line, Mark) {
	s.lab.tb.Helper()
	return wait(s.lab, s.Name, s.Log, from, contains(texts), texts)
}

// statusEvery is how often a state is asked for that somebody waits for.
const statusEvery = 20 * time.Millisecond

// WaitConnected waits until the supplicant is connected, to whomever, and
// returns the address of the access point: its MLD address, if it has one.
func (s *Station) WaitConnected() dot11.Addr {
	s.lab.tb.Helper()
	var at dot11.Addr
	s.until("connected", func() bool {
		status := s.Status()
		if status["wpa_state"] != "COMPLETED" {
			return false
		}
		address := status["bssid"]
		if mld := status["ap_mld_addr"]; mld != "" {
			address = mld
		}
		var err error
		if at, err = dot11.ParseAddr(address); err != nil {
			s.lab.fatal("%s: %v", s.Name, err)
		}
		return true
	})
	return at
}

// until asks until the answer is yes.
func (s *Station) until(what string, yes func() bool) {
	s.lab.tb.Helper()
	ctx, cancel := s.lab.patience()
	defer cancel()
	for !yes() {
		select {
		case <-time.After(statusEvery):
		case <-ctx.Done():
			s.lab.fatal("%s is not %s after %v", s.Name, what, s.lab.needs.Patience)
		}
	}
}

// Find scans until the supplicant knows every link of an access point: one that
// it does not know it cannot go to.
func (s *Station) Find(c ap.Config) {
	s.lab.tb.Helper()
	missing := func() bool {
		return slices.ContainsFunc(c.Links, func(l ap.Link) bool { return s.Request("BSS "+l.BSSID.String()) == "" })
	}
	for missing() {
		mark := s.Events.Mark()
		if answer := s.Request("SCAN freq=" + frequencies(c)); answer != "OK" && answer != "FAIL-BUSY" {
			s.lab.fatal("%s: scan: %s", s.Name, answer)
		}
		wait(s.lab, s.Name, s.Events, mark, func(l Line) bool {
			return strings.HasPrefix(l.Text, "CTRL-EVENT-SCAN-RESULTS") || strings.HasPrefix(l.Text, "CTRL-EVENT-SCAN-FAILED")
		}, "CTRL-EVENT-SCAN-RESULTS")
	}
}

func frequencies(c ap.Config) string {
	words := make([]string, len(c.Links))
	for i, l := range c.Links {
		words[i] = strconv.Itoa(l.Channel.Freq)
	}
	return strings.Join(words, ",")
}

// Roam lets the supplicant find an access point and go to its first link. It does
// not wait for the outcome: see WaitAt.
func (s *Station) Roam(c ap.Config) {
	s.lab.tb.Helper()
	s.Find(c)
	s.Command("ROAM " + c.Links[0].BSSID.String())
}

// WaitAt waits until the supplicant is connected to that access point, by its
// MLD address or with one of its links alone.
func (s *Station) WaitAt(c ap.Config) {
	s.lab.tb.Helper()
	at := map[string]bool{}
	for _, l := range c.Links {
		at[l.BSSID.String()] = true
	}
	if !c.MLD.IsZero() {
		at[c.MLD.String()] = true
	}
	s.until("connected to "+c.Name, func() bool {
		status := s.Status()
		return status["wpa_state"] == "COMPLETED" && (at[status["bssid"]] || at[status["ap_mld_addr"]])
	})
}

// IP is the station's address in the network behind the access points.
func (s *Station) IP() netip.Prefix {
	ip := s.lab.Plan.Prefix.Masked().Addr()
	for range s.number + 10 {
		ip = ip.Next()
	}
	return netip.PrefixFrom(ip, s.lab.Plan.Prefix.Bits())
}

// pinged is what ping says at its end.
var pinged = regexp.MustCompile(`(\d+) packets transmitted, (\d+) packets received`)

// Ping sends echo requests to the gateway, ten a second, and returns how many
// were answered. The station gets its IP first.
func (s *Station) Ping(count int) (answered int) {
	s.lab.tb.Helper()
	ctx, cancel := context.WithTimeout(s.lab.tb.Context(), s.lab.needs.Patience+time.Duration(count)*100*time.Millisecond)
	defer cancel()
	if err := s.address(ctx); err != nil {
		s.lab.fatal("%s: %v", s.Name, err)
	}
	// Ping's exit code says that an answer is missing, which is no failure here.
	out, err := exec.CommandContext(ctx, "ping", "-I", s.Name, "-c", strconv.Itoa(count), "-i", "0.1", "-W", "1", s.lab.Gateway().String()).CombinedOutput()
	match := pinged.FindSubmatch(out)
	if match == nil {
		s.lab.fatal("%s: ping: %v: %s", s.Name, err, out)
	}
	answered, err = strconv.Atoi(string(match[2]))
	if err != nil {
		s.lab.fatal("%s: ping: %v", s.Name, err)
	}
	return answered
}

// Route gives the station its IP and the gateway as its default route.
func (s *Station) Route() {
	s.lab.tb.Helper()
	ctx, cancel := s.lab.patience()
	defer cancel()
	if err := s.address(ctx); err != nil {
		s.lab.fatal("%s: %v", s.Name, err)
	}
	for _, command := range [][]string{
		{"ip", "link", "set", s.Name, "up"}, {"ip", "route", "replace", "default", "via", s.lab.Gateway().String(), "dev", s.Name},
	} {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			s.lab.fatal("%s: %s: %v: %s", s.Name, strings.Join(command, " "), err, out)
		}
	}
}

// address gives the interface its IP. With several stations in one network, each
// answers for its own address alone.
func (s *Station) address(ctx context.Context) error {
	for _, file := range []string{"arp_ignore", "arp_announce"} {
		if err := os.WriteFile(filepath.Join("/proc/sys/net/ipv4/conf/all", file), []byte("2"), 0o644); err != nil {
			return err
		}
	}
	command := []string{"ip", "addr", "replace", s.IP().String(), "dev", s.Name}
	if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, out)
	}
	return nil
}
