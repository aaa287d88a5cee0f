// Package stock holds the tests that show what a real kernel and the stock
// wpa_supplicant make of the access points of the lab: that they connect, roam,
// and say what is expected of every fault. They run in a guest (make test-lab).
package stock
