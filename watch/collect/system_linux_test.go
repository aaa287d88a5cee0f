package collect

import "testing"

// What is no interface has no driver, whatever it is called.
func TestReadDriver(t *testing.T) {
	for _, name := range []string{"", "no such one", "a name longer than an interface's may be"} {
		if info, err := readDriver(name); err == nil || info != (DriverInfo{}) {
			t.Errorf("%q: %+v, error %v", name, info, err)
		}
	}
}
