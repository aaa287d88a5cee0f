// Package ap is an access point that can be a multi-link device (AP MLD) with
// up to three links, as a state machine: frames and the time go in, frames come
// out. It opens no socket and reads no clock, so that the same package serves a
// simulated radio, a virtual card and a unit test.
//
// It does open networks, WPA2 and WPA3 (SAE) with protected management frames,
// keeps several stations with their keys on every link, buffers for those that
// doze, and answers them exactly as wrong as it is told to (Rule, Faults).
//
// Times are measured from any fixed moment, the same for all calls. The access
// point's TSF is that time in microseconds, and its beacons stand on whole
// beacon intervals of it.
package ap
