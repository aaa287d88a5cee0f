// Package observe turns what is said while a run drives into incidents: the log
// of kernel and daemons, and what the station itself tells, put in one order by
// the monotonic clock.
//
// What incidents rest on is given out step by step. The same steps give the same
// incidents again: see [Replay].
package observe
