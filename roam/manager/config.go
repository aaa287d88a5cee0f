package manager

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of what is taken from a configuration.
const (
	mostNetworks = 1024
	mostSSID     = 32
)

// supplicantConfig is what is read of a wpa_supplicant.conf.
type supplicantConfig struct {
	control  string // directory
	networks []network
	// skipped counts networks that cannot be read.
	skipped int
}

// network is one that somebody has credentials of.
type network struct {
	ssid     []byte
	keyMgmt  []string // in wpa_supplicant's words; nil: not said
	psk      Secret   // 8 to 63 characters, or 64 hexadecimal digits
	raw      bool     // psk is hexadecimal digits
	sae      Secret
	saeID    string
	pmf      *int // 0, 1 (where it can be had) or 2 (a must)
	disabled bool
	// outside says where the password is instead of in the file; "" where it is in
	// the file, or there is none.
	outside string
	// any says that no SSID is set, so that it fits all.
	any bool
}

// elsewhere is where a password "ext:NAME" is (wpa_supplicant/config.c,
// wpa_config_parse_psk).
const elsewhere = "in wpa_supplicant's external storage of passwords"

// wep is instead of the "NONE" that configurations have for it: such a network is
// not open, and of no use here.
const wep = "WEP"

// parseConfig reads a configuration of wpa_supplicant
// (wpa_supplicant/config_file.c, wpa_config_read). What it does not know it
// passes over.
func parseConfig(b []byte) supplicantConfig {
	var c supplicantConfig
	var block map[string]string
	inside := ""
	for line := range strings.Lines(string(b)) {
		line = configLine(line)
		if line == "" {
			continue
		}
		key, value, assigned := strings.Cut(line, "=")
		switch {
		case inside == "" && assigned && value == "{":
			inside, block = key, make(map[string]string)
		case inside == "" && assigned && key == "ctrl_interface":
			c.control = controlPath(value)
		case line == "}" && inside == "network":
			n, err := configNetwork(block)
			if err != nil || len(c.networks) >= mostNetworks {
				c.skipped++
			} else {
				c.networks = append(c.networks, n)
			}
			inside = ""
		case line == "}":
			inside = ""
		case inside == "network" && assigned:
			block[key] = value
		}
	}
	return c
}

// configLine is a line without white space around it and without its comment,
// which is behind the last quotation mark (wpa_config_get_line).
func configLine(line string) string {
	line = strings.TrimLeft(line, " \t")
	if strings.HasPrefix(line, "#") {
		return ""
	}
	from := 0
	if first := strings.IndexByte(line, '"'); first >= 0 {
		if last := strings.LastIndexByte(line, '"'); last > first {
			from = last
		}
	}
	if at := strings.IndexByte(line[from:], '#'); at >= 0 {
		line = line[:from+at]
	}
	return strings.TrimRight(line, " \t\r\n")
}

func configNetwork(block map[string]string) (network, error) {
	n := network{any: true, disabled: block["disabled"] == "1", keyMgmt: strings.Fields(block["key_mgmt"])}
	switch {
	case block["wep_key0"] != "":
		n.keyMgmt = []string{wep}
	case len(n.keyMgmt) == 0 && block["eap"] != "":
		n.keyMgmt = []string{"WPA-EAP"}
	}
	if text, ok := block["ssid"]; ok {
		ssid, err := configString(text)
		if err != nil || len(ssid) > mostSSID {
			return n, errors.New("not an SSID")
		}
		n.ssid, n.any = ssid, false
	}
	if err := n.takePSK(block["psk"]); err != nil {
		return n, err
	}
	if text, ok := block["sae_password"]; ok {
		if strings.HasPrefix(text, "ext:") {
			n.outside = elsewhere
		} else if password, err := configString(text); err != nil {
			return n, err
		} else {
			n.sae = NewSecret(string(password))
		}
	}
	if text, ok := block["sae_password_id"]; ok {
		id, err := configString(text)
		if err != nil {
			return n, err
		}
		n.saeID = string(id)
	}
	if pmf, err := strconv.Atoi(block["ieee80211w"]); err == nil && pmf >= 0 && pmf <= 2 {
		n.pmf = &pmf
	}
	return n, nil
}

// takePSK reads a passphrase in quotation marks, or a key.
func (n *network) takePSK(psk string) error {
	switch {
	case psk == "":
	case strings.HasPrefix(psk, `"`):
		text, err := configString(psk)
		if err != nil {
			return err
		}
		n.psk = NewSecret(string(text))
	case strings.HasPrefix(psk, "ext:"):
		n.outside = elsewhere
	case isRawPSK(psk):
		n.psk, n.raw = NewSecret(psk), true
	default:
		return errors.New("not a key")
	}
	return nil
}

// configString reads a string as wpa_supplicant has it: "quoted", which ends at
// the last quotation mark, P"with escapes", or hexadecimal digits
// (src/utils/common.c, wpa_config_parse_string). Errors do not tell it.
func configString(s string) ([]byte, error) {
	inner, escapes := s, false
	if strings.HasPrefix(s, `P"`) {
		inner, escapes = s[1:], true
	}
	if strings.HasPrefix(inner, `"`) {
		if len(inner) < 2 || !strings.HasSuffix(inner, `"`) {
			return nil, errors.New("a string without its end")
		}
		inner = inner[1 : len(inner)-1]
		if escapes {
			return printfDecode(inner), nil
		}
		return []byte(inner), nil
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errors.New("neither a string in quotation marks nor hexadecimal digits")
	}
	return b, nil
}

// printfDecode resolves escapes as printf_decode of wpa_supplicant does
// (src/utils/common.c): an escape that it does not know is dropped, and the
// character stays.
func printfDecode(s string) []byte {
	simple := map[byte]byte{'\\': '\\', '"': '"', 'n': '\n', 'r': '\r', 't': '\t', 'e': 0x1b}
	var out []byte
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		i++
		if i == len(s) {
			break
		}
		if c, ok := simple[s[i]]; ok {
			out = append(out, c)
			i++
			continue
		}
		base, most := 8, 3
		from := i
		if s[i] == 'x' {
			base, most, from = 16, 2, i+1
		}
		end := from
		for end < len(s) && end < from+most && digit(s[end], base) {
			end++
		}
		if end > from {
			// Octal escapes wrap, as they do there.
			v, _ := strconv.ParseUint(s[from:end], base, 16) // digits alone: no error
			out = append(out, byte(v))
		}
		i = end
	}
	return out
}

func digit(c byte, base int) bool {
	_, err := strconv.ParseUint(string([]byte{c}), base, 8)
	return err == nil
}

// configSecret is a password for a configuration.
func configSecret(s Secret) (string, error) {
	value := s.Reveal()
	if i := strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
		return "", fmt.Errorf("write the configuration: character %d of the password is a control character", i+1)
	}
	return `"` + value + `"`, nil
}

// hasAny reports whether words has one of those.
func hasAny(words []string, of ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
}
