// Package decode turns the numbers in Wi-Fi logs into words: firmware command
// words, error numbers, DMA and bus faults, device ids, firmware builds and
// places in driver source. It also reads what the kernel tells of itself: taint,
// command line and modules.
//
// Everything here is pure: tables and parsers, no state, no operating system.
// The tables are the same on every platform. Input is taken as hostile: a
// parser looks at a bounded part of it, never fails loudly, and says false
// for what it does not know.
package decode
