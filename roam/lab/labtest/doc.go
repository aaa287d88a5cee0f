// Package labtest gives tests a lab: access points over simulated radios, and a
// stock wpa_supplicant for each station, in this process and on the running
// kernel.
//
// Such tests run inside of a guest (make test-lab) and are skipped elsewhere. A
// test says what it needs:
//
//	l := labtest.Start(t, labtest.Needs{Supplicant: true})
//	station := l.Stations[0]
//	station.WaitConnected()
//	mark := l.Kernel.Mark()
//	station.Roam(l.Plan.APs[1])
//	l.WaitKernel(mark, "associated")
//
// One lab is up at a time, so these tests must not be parallel. What was logged
// by a test that fails is kept in the directory LAB_OUT.
package labtest
