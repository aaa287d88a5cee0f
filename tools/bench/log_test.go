package main

import (
	"bytes"
	"testing"
)

func TestLogIsTheSameForASeed(t *testing.T) {
	var a, b bytes.Buffer
	if err := writeLog(&a, 2<<20, 7); err != nil {
		t.Fatal(err)
	}
	if err := writeLog(&b, 2<<20, 7); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two logs of one seed differ")
	}
	for _, want := range []string{"Message 00020002 (seq 12) timeout", "CTRL-EVENT-CONNECTED", "UFW BLOCK"} {
		if !bytes.Contains(a.Bytes(), []byte(want)) {
			t.Errorf("the log has no %q", want)
		}
	}
	if bytes.Contains(a.Bytes(), []byte("%!")) {
		t.Error("a line lacks its numbers")
	}
}
