// Package machine turns the knobs of the machine that a run is made on: power
// saving of several kinds, the interface, the driver, the regulatory domain,
// links, suspend. It injects faults, and says what the machine is.
//
// Whatever a knob changes is written to a [Log] before it is changed, and is
// changed back from there: at the end of a run, and after the run was killed or
// hung.
package machine
