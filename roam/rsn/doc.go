// Package rsn negotiates the keys of a robust security network (IEEE
// 802.11-2020, 12.6 and 12.7; IEEE 802.11be for multi-link): EAPOL-Key frames
// and the key data in them, the 4-way and the group key handshake from both
// sides, the cache of PMK security associations and SA Query.
//
// An [Authenticator] and a [Supplicant] are state machines: EAPOL frames and the
// time go in, EAPOL frames, keys to install and a result come out. They open no
// socket, read no clock and start no goroutine; one goroutine at a time may call
// a machine. Both know the association as an [Association], which says what the
// other side has to repeat in the handshake.
//
// Every message passes through a [Message] before it becomes octets, where a
// hook can change it: what is sent is then wrong, what the machine expects is
// not.
package rsn
