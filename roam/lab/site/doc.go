// Package site sets a lab up on the running kernel: a network namespace, the
// wireless medium, a radio for each station, and the access points that are
// planned. Whatever it makes is gone with the process, however that ends.
//
// It takes root and Linux. Elsewhere the package compiles, and Open says so.
package site
