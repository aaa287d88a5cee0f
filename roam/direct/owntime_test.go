package direct_test

import (
	"fmt"
	"testing"

	"roamfault/roam"
	"roamfault/roam/direct"
	"roamfault/roam/rsn/sae"
	"roamfault/roam/runlog"
)

// BenchmarkOwnTime gives the time of a roam where neither air nor kernel take any:
// what the station itself needs, and the access points with it.
func BenchmarkOwnTime(b *testing.B) {
	for _, always := range []bool{false, true} {
		b.Run(fmt.Sprint("always SAE ", always), func(b *testing.B) {
			configs := both(b)
			r := newRadio(b, configs...)
			station, err := direct.New(b.Context(), r, direct.Config{
				Interface: "wlan0", Clock: r.clock, Switch: r, AlwaysSAE: always, Groups: []sae.Group{sae.GroupP256},
				Networks: []direct.Network{{SSID: runlog.SSID(ssid), Password: password}},
			})
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := station.Close(); err != nil {
					b.Error(err)
				}
			}()
			arrive := func() {
				for e := range station.Events() {
					switch e.What {
					case roam.Connected:
						return
					case roam.Refused, roam.GaveUp:
						b.Fatalf("%s: %v", e.What, e.Record)
					}
				}
			}
			if err := station.Connect(b.Context(), target(configs[0], 0)); err != nil {
				b.Fatal(err)
			}
			arrive()
			to := 1
			b.ReportAllocs()
			for b.Loop() {
				if err := station.Roam(b.Context(), target(configs[to], 0)); err != nil {
					b.Fatal(err)
				}
				arrive()
				to = 1 - to
			}
		})
	}
}
