package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// sought finds in a message what the analysis of the seeded log makes an event
// of, as somebody would ask journalctl for it: the words of failures and of
// connections.
const sought = `\(seq [0-9]+\) timeout|failed to remove key|Error fetching BSS|Association request to the driver failed|timed out` +
	`|HW/SW Version|WM Firmware Version|Driver requested disconnection|for new auth to|authenticate|send auth to|associate|Associated with|ssocResp from` +
	`|AP link address|Key negotiation completed|CTRL-EVENT-CONNECTED`

// seldom finds one kind of failure alone.
const seldom = `\(seq [0-9]+\) timeout`

// slowMiB is the size from which what takes minutes is run once.
const slowMiB = 512

// compare measures roamfault beside journalctl on one journal.
func compare(ctx context.Context, bin string, j *journal, runs int) error {
	events, err := eventsOf(ctx, bin, j)
	if err != nil {
		return err
	}
	slow := runs
	if j.bytes >= slowMiB<<20 {
		slow = 1
	}
	dir := "--directory=" + j.dir
	commands := []command{
		{name: "roamfault analyze --directory DIR", runs: runs, args: [][]string{{bin, "analyze", dir}}},
		{name: "the same, on one core", runs: runs, args: [][]string{{"taskset", "-c", "0", bin, "analyze", dir}}},
		{name: "journalctl --directory DIR -o export | roamfault analyze -", runs: slow, args: [][]string{
			{"journalctl", "--quiet", dir, "--output=export"}, {bin, "analyze", "-"},
		}},
		{name: "journalctl --directory DIR -o cat --grep SOUGHT", runs: min(runs, 3), args: [][]string{{"journalctl", "--quiet", dir, "--output=cat", "--grep=" + sought}}},
		{name: "journalctl --directory DIR -o cat --grep SELDOM", runs: min(runs, 3), args: [][]string{{"journalctl", "--quiet", dir, "--output=cat", "--grep=" + seldom}}},
		{name: "journalctl --directory DIR -o json", runs: slow, args: [][]string{{"journalctl", "--quiet", dir, "--output=json"}}},
	}
	fmt.Printf("\n%s: %d files, %.2f GB, %d entries, %d distinct messages in their files (%.0f %%), %d events\n\n",
		j.name, j.files, float64(j.bytes)/1e9, j.entries, j.distinct, 100*j.share(), events)
	fmt.Println("| command | runs | time | CPU | peak memory | of it anonymous | lines | roamfault is |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for i := range commands {
		commands[i].journal = j
	}
	results, err := measure(ctx, commands)
	if err != nil {
		return err
	}
	ours := results[0].wall.Seconds()
	for i, c := range commands {
		r := results[i]
		fmt.Printf("| `%s` | %d | %.2f s | %.2f s | %.0f MiB | %.0f MiB | %d | %.1fx as fast |\n", strings.ReplaceAll(c.name, "|", `\|`), c.runs,
			r.wall.Seconds(), r.cpu.Seconds(), float64(r.resident)/1024, float64(r.anonymous)/1024, r.lines, r.wall.Seconds()/ours)
	}
	return nil
}

// eventsOf asks the analysis how many events it finds.
func eventsOf(ctx context.Context, bin string, j *journal) (int, error) {
	cmd := exec.CommandContext(ctx, bin, "analyze", "--format=json", "--directory="+j.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var report struct{ Events []json.RawMessage }
	err = json.NewDecoder(out).Decode(&report)
	if ended := wait([]*exec.Cmd{cmd}); ended != nil {
		return 0, ended
	}
	return len(report.Events), err
}

// scaling shows what the time depends on: with the same bytes, entries and
// distinct messages.
func scaling(ctx context.Context, bin string, all []*journal, runs int) error {
	var commands []command
	for _, j := range all {
		commands = append(commands, command{name: j.name, journal: j, runs: runs, args: [][]string{{bin, "analyze", "--directory=" + j.dir}}})
	}
	results, err := measure(ctx, commands)
	if err != nil {
		return err
	}
	fmt.Print("\n| journal | GB | entries | distinct messages | time | CPU | memory | for a million entries | for a million distinct messages |\n")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for i, j := range all {
		r := results[i]
		fmt.Printf("| %s | %.2f | %d | %d | %.2f s | %.2f s | %.0f MiB | %.2f s | %.2f s |\n", j.name, float64(j.bytes)/1e9, j.entries, j.distinct,
			r.wall.Seconds(), r.cpu.Seconds(), float64(r.resident)/1024, r.wall.Seconds()*1e6/float64(j.entries), r.wall.Seconds()*1e6/float64(j.distinct))
	}
	return nil
}
