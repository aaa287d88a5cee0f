// Package debs fetches packages of Debian and unpacks them below a cache
// directory. Nothing is installed: apt works with a configuration, lists and
// state of its own, and takes from the machine only where its mirror is, which
// keys it trusts, and how it reaches the network.
package debs
