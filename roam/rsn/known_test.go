package rsn

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"roamfault/roam/rsn/keys"
)

// Whole handshakes, octet by octet, against another implementation.
func TestKnownHandshakes(t *testing.T) {
	associations := map[string]Association{
		"PSK/256 single CCMP-128":        single(suites[0], keys.CCMP128, 0),
		"SAE/256 multi CCMP-128":         multi(suites[2], keys.CCMP128, keys.BIPCMAC128),
		"SAE-EXT-KEY/384 multi GCMP-256": multi(suites[4], keys.GCMP256, keys.BIPGMAC256),
	}
	file, err := os.Open("testdata/handshakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	known := map[string][]string{}
	name := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "#"):
		case strings.Contains(line, " "):
			name = line
		default:
			known[name] = append(known[name], line)
		}
	}
	for name, a := range associations {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, a, func(ac *AuthenticatorConfig, sc *SupplicantConfig) {
				ac.Rand, sc.Rand = bytes.NewReader(octets(32, 0xa0)), bytes.NewReader(octets(32, 0x60))
			})
			m1 := p.start(0)
			m2 := p.toSupp(m1.Send)
			m3 := p.toAuth(0, m2.Send)
			m4 := p.toSupp(m3.Send)
			p.toAuth(0, m4.Send)
			got := [][]byte{m1.Send, m2.Send, m3.Send, m4.Send, m4.Pairwise.TK}
			if len(known[name]) != len(got) {
				t.Fatalf("%d lines are known", len(known[name]))
			}
			for i, want := range known[name] {
				if s := fmt.Sprintf("%x", got[i]); s != want {
					t.Errorf("line %d\ngot  %s\nwant %s", i+1, s, want)
				}
			}
		})
	}
}
