// Package resume takes a run up again whose program was killed or whose machine
// went down: it says what happened, closes the cycle that was interrupted, with
// what the logs of that boot and pstore still tell, and says what of the plan is
// left.
package resume
