package main

import (
	"bytes"
	"strings"
)

// again tries what failed once more and puts how that went in place of the first
// try: emulated guests on a machine that was busy are late, and what fails for
// that passes when nothing else runs. What failed for good fails again.
func again(outcomes []outcome, try func(kernel string, packages []testPackage) []outcome) []outcome {
	var all []outcome
	for _, o := range outcomes {
		if o.err == nil || len(o.left) == 0 {
			all = append(all, o)
			continue
		}
		for _, second := range try(o.kernel, o.left) {
			second.first = o.err
			all = append(all, second)
		}
	}
	return all
}

// failedTests are the names of tests that failed, in the words of the testing
// package.
type failedTests []string

// line looks at a line of its output. Parts of tests are indented: their test
// fails, too.
func (f *failedTests) line(line []byte) error {
	if rest, ok := bytes.CutPrefix(line, []byte("--- FAIL: ")); ok {
		name, _, _ := strings.Cut(string(bytes.TrimSpace(rest)), " ")
		*f = append(*f, name)
	}
	return nil
}

// only returns the package with only these tests, or all where there are none:
// it broke before it could tell.
func (p testPackage) only(tests []string) testPackage {
	if len(tests) > 0 {
		p.run = "^(" + strings.Join(tests, "|") + ")$"
	}
	return p
}
