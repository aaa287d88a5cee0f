// Package screen shows a run while it is under way: one live line, or a whole
// screen.
package screen
