// Package inject makes faults: each on purpose, by its name, and never by
// itself.
package inject
