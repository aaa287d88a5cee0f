package guest

import (
	"flag"
	"os"
	"testing"
)

// lab asks for the tests that boot guests.
var lab = flag.Bool("lab", os.Getenv("ROAMFAULT_LAB") == "1", "boot guests, and fetch their packages where they are not in the cache")

// scratch is a directory to be removed at the end, or empty.
var scratch string

// The test's program is the init of the guests it boots.
func TestMain(m *testing.M) {
	if IsInit() {
		Init()
	}
	flag.Parse()
	code := m.Run()
	if scratch != "" {
		os.RemoveAll(scratch)
	}
	os.Exit(code)
}
