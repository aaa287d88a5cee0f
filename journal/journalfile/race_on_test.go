//go:build race

package journalfile

// raceDetector tells whether the race detector runs, which makes tests slow.
const raceDetector = true
