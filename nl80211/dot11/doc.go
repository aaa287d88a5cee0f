// Package dot11 holds what IEEE 802.11 itself defines, apart from any
// operating system: reason and status codes with words for people.
package dot11
