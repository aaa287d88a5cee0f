package keys

import "fmt"

// ieeeOUI is the OUI of the suites the standard assigns, 00-0F-AC.
const ieeeOUI = 0x000fac

func selector(s uint32) string {
	return fmt.Sprintf("%02X-%02X-%02X:%d", s>>24, s>>16&0xff, s>>8&0xff, s&0xff)
}

// ieeeType returns the suite type, and whether the standard assigns it.
func ieeeType(s uint32) (int, bool) { return int(s & 0xff), s>>8 == ieeeOUI }
