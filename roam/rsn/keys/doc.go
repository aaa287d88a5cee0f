// Package keys derives and wraps the keys of a robust security network (IEEE
// 802.11-2020, 12.7): from a passphrase to the PSK, from the PMK to the PTK and
// its parts, and the integrity code and key wrap of EAPOL-Key frames. It covers
// the suites a station of today meets: PSK with SHA-1 and SHA-256, SAE with a
// fixed hash and with one that depends on the group.
//
// Nothing here keeps state or reads a clock or randomness. All lengths are in
// octets unless the name says bits.
package keys
