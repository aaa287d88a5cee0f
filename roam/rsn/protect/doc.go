// Package protect seals and opens whole 802.11 frames (MPDUs without FCS): CCMP
// and GCMP for data frames and individually addressed management frames (IEEE
// 802.11-2020, 12.5.3 and 12.5.5), BIP for group addressed management frames
// and beacons (12.5.4), with the replay counters that go with each key.
//
// It knows which addresses count on a multi-link association: those of the
// MLDs for data frames, and for management frames either those or the ones on
// the air, as kernels differ (see [Form]).
package protect
