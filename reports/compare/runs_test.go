//go:build !race

package compare

// runs is how many comparisons each simulation makes.
const runs = 10_000
