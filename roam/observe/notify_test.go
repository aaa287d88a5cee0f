package observe

import (
	"slices"
	"testing"

	"roamfault/reports/incident"
)

// Who is notified knows of the begin of an incident, and who is told of everything.
func TestNotify(t *testing.T) {
	var classes []string
	found := &told{}
	n := Notify(found, func(class string) { classes = append(classes, class) })
	if err := n.Opened(&incident.Event{Class: "mcu-timeout"}); err != nil {
		t.Error(err)
	}
	if err := n.Firmware(1); err != nil {
		t.Error(err)
	}
	if !slices.Equal(classes, []string{"mcu-timeout"}) || !slices.Equal(found.words, []string{"opened mcu-timeout", "firmware at 1ns"}) {
		t.Errorf("notified of %q, told %q", classes, found.words)
	}
}
