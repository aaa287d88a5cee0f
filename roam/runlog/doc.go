// Package runlog is what a run is: its plan, its cycles, its environment, and
// the file they are kept in.
package runlog
