// Package compare says whether one arm of runs is worse than another: a new
// kernel, driver, firmware or patch against the one before.
//
// Cycles are not independent of each other: firmware ages, and faults cluster
// after the first. So what is compared are firmware loads. The one primary end
// point is tested by dealing the loads to the arms anew (or by the time to the
// first fault of each), which holds however cycles within a load depend on each
// other; tests that take each cycle for itself are shown as what they are, beside
// how far the cycles are from independence. What else is shown, class by class
// and stage by stage, is adjusted for its number and decides nothing.
//
// An [Arm] takes cycles one after the other and keeps only what it counts, so
// that a run of a million cycles needs no more memory than one of a hundred.
package compare
