//go:build race

package compare

// runs is how many comparisons each simulation makes under the race detector,
// which makes them ten times as slow and finds nothing in what has no goroutines.
const runs = 1000
