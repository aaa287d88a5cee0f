// Package dot11 holds what IEEE 802.11 itself defines, apart from any operating
// system: frames, elements and actions as they are on the air, channels, and
// reason and status codes with words for people.
//
// Every Parse function takes what a stranger may have sent: it reads nothing
// beyond its end, takes memory in proportion to what it is given, and what it
// returns may share that memory. Append writes what the standard has for the
// fields; what Append wrote Parse reads back, and octets that Append can write
// come out the same again. Octets and bits that are reserved are ignored where no
// field is named for them, as receivers have to.
package dot11
