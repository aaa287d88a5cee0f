package stress

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"roamfault/roam/lab/labtest"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// BenchmarkLab measures roams between two AP MLDs with two links: by a shell loop
// over wpa_cli, which waits for each as people's scripts do, and by runs, which
// moreover keep every cycle. One operation is benchRoams of them.
func BenchmarkLab(b *testing.B) {
	b.Run("wpa_cli loop", func(b *testing.B) {
		l := labtest.Start(b, labtest.Needs{Supplicant: true, NoCapture: true})
		station := l.Stations[0]
		station.WaitConnected()
		for _, c := range l.Plan.APs {
			station.Find(c)
		}
		for b.Loop() {
			out, err := exec.CommandContext(b.Context(), "sh", "-c", loop(l, benchRoams)).CombinedOutput()
			if err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
		b.ReportMetric(float64(b.N*benchRoams)/b.Elapsed().Seconds(), "roams/s")
	})
	for _, via := range []string{manager.ViaControl, manager.ViaNL80211} {
		b.Run("stress "+via, func(b *testing.B) {
			l := labtest.Start(b, needs(via))
			if via == manager.ViaControl {
				l.Stations[0].WaitConnected()
			}
			var took time.Duration
			roams := 0
			for b.Loop() {
				d := prepare(b, l, via, runlog.Plan{Cycles: benchRoams, Dwell: runlog.Range{Min: time.Microsecond, Max: time.Microsecond}})
				for _, c := range cycles(d.drive(b.Context())) {
					if c.Outcome != runlog.OK {
						b.Errorf("cycle %d: %s %s", c.Number, c.Outcome, c.Detail)
					}
					took += c.End.Monotonic - c.Begin.Monotonic
					roams++
				}
			}
			b.ReportMetric(float64(roams)/took.Seconds(), "roams/s")
		})
	}
}

// benchRoams are enough that the first scan does not count.
const benchRoams = 60

// loop roams so many times: it asks for the roam, and asks for the status until
// the supplicant is connected to that access point.
func loop(l *labtest.Lab, roams int) string {
	cli := fmt.Sprintf("wpa_cli -p %s -i %s", l.Stations[0].Control(), l.Stations[0].Name)
	var b strings.Builder
	fmt.Fprintf(&b, "n=0\nwhile [ $n -lt %d ]; do\n", roams)
	fmt.Fprintf(&b, "case $((n %% 2)) in 0) to=%s mld=%s;; 1) to=%s mld=%s;; esac\n",
		l.Plan.APs[1].Links[0].BSSID, l.Plan.APs[1].MLD, l.Plan.APs[0].Links[0].BSSID, l.Plan.APs[0].MLD)
	fmt.Fprintf(&b, "[ \"$(%s roam $to)\" = OK ] || { %s scan freq=%s >/dev/null; sleep 1; continue; }\n", cli, cli, "5180,5220,5745,5785")
	fmt.Fprintf(&b, "tries=0\nuntil s=$(%s status); echo \"$s\" | grep -q \"ap_mld_addr=$mld\" && echo \"$s\" | grep -q wpa_state=COMPLETED; do tries=$((tries+1)); [ $tries -gt 500 ] && exit 1; done\n", cli)
	b.WriteString("n=$((n+1))\ndone\n")
	return b.String()
}
