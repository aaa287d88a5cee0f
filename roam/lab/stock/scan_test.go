package stock

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"roamfault/roam/lab/labtest"
)

// TestScanShowsMLD looks at the access points with the stock iw.
func TestScanShowsMLD(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{})
	name := l.Stations[0].Name
	if out, err := exec.CommandContext(t.Context(), "ip", "link", "set", name, "up").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range l.Plan.APs {
		for _, link := range c.Links {
			// A scan of a single channel can fall between two beacons.
			var out []byte
			for range 5 {
				var err error
				if out, err = exec.CommandContext(t.Context(), "iw", "dev", name, "scan", "freq", fmt.Sprint(link.Channel.Freq)).CombinedOutput(); err != nil {
					t.Fatalf("scan: %v: %s", err, out)
				}
				if strings.Contains(string(out), link.BSSID.String()) {
					break
				}
			}
			_, bss, found := strings.Cut(string(out), "BSS "+link.BSSID.String())
			if next := strings.Index(bss, "\nBSS "); next >= 0 {
				bss = bss[:next]
			}
			for _, want := range []string{"SSID: " + c.SSID, "MLD MAC: " + c.MLD.String(), fmt.Sprintf("Link ID: %d", link.ID)} {
				if !strings.Contains(bss, want) {
					t.Errorf("%s link %d (found %v): iw does not show %q:\n%s", c.Name, link.ID, found, want, bss)
				}
			}
		}
	}
}
