// Package runlog is what a run is: its plan, its cycles, its environment, and
// the file they are kept in.
//
// A run file is lines of JSON, only ever appended: [Writer] writes them, [Read]
// gives them back one by one, [Load] all of them in little memory. Every line
// has its type first, then its number, and ends with a checksum of all before
// that:
//
//	{"type":"note","seq":12,"at":{...},"text":"the interface has gone","crc":"0a1b2c3d"}
//
// So a line that is torn, changed, lost, moved or copied is known for what it
// is, and what is whole counts once. The package knows no operating system; where
// runs lie and who may write them is the matter of package rundir below it.
package runlog
