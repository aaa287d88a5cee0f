// Package manager knows who manages a Wi-Fi interface and what else depends on
// it, takes the interface over from them, and gives it back.
//
// [Look] and [Guards] change nothing. [TakeOver] tells of every change before it
// makes it, in a form in which [Undo] can give back what was taken, after a kill
// too.
package manager
