// Package stationtest is what every [roam.Station] has to pass, on a real kernel
// with access points of the lab. What a station says is held against what the
// kernel knows.
package stationtest
