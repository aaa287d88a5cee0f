// Package capture writes frames of 802.11 into files that Wireshark reads: pcapng
// (IETF draft-ietf-opsawg-pcapng) with an interface per link and radiotap
// (radiotap.org) before every frame.
package capture
