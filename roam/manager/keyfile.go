package manager

import (
	"errors"
	"strconv"
	"strings"
)

// keyfile is what is of use to us of a connection of NetworkManager.
type keyfile struct {
	uuid, iface string
	network     network
}

// parseKeyfile reads a keyfile of NetworkManager (nm-settings-keyfile(5)). The
// error is for one that is not of a Wi-Fi network.
func parseKeyfile(b []byte) (keyfile, error) {
	values := map[string]string{}
	group := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if name, ok := strings.CutPrefix(line, "["); ok {
			group = strings.TrimSuffix(strings.TrimRight(name, " \t"), "]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		values[groupName(group)+"."+strings.TrimSpace(key)] = strings.TrimLeft(value, " \t")
	}
	ssid, ok := values["wifi.ssid"]
	if !ok {
		return keyfile{}, errors.New("it is of no Wi-Fi network")
	}
	k := keyfile{uuid: unescapeKeyfile(values["connection.uuid"]), iface: unescapeKeyfile(values["connection.interface-name"])}
	n := &k.network
	if n.ssid = keyfileOctets(ssid); len(n.ssid) > mostSSID || len(n.ssid) == 0 {
		return keyfile{}, errors.New("its SSID cannot be read")
	}
	if n.keyMgmt = keyfileKeyMgmt(values["wifi-security.key-mgmt"]); values["wifi-security.wep-key0"] != "" {
		n.keyMgmt = []string{wep}
	}
	psk := unescapeKeyfile(values["wifi-security.psk"])
	n.psk, n.raw = NewSecret(psk), isRawPSK(psk)
	if flags, err := strconv.Atoi(values["wifi-security.psk-flags"]); err == nil && flags&3 != 0 && psk == "" {
		// NM_SETTING_SECRET_FLAG_AGENT_OWNED and NOT_SAVED.
		n.outside = "in the keyring of a user, or nowhere (psk-flags)"
	}
	// NMSettingWirelessSecurityPmf: 1 off, 2 optional, 3 required.
	if pmf, err := strconv.Atoi(values["wifi-security.pmf"]); err == nil && pmf >= 1 && pmf <= 3 {
		pmf--
		n.pmf = &pmf
	}
	return k, nil
}

// groupName is the present name of a group that has an older one, too.
func groupName(name string) string {
	switch name {
	case "802-11-wireless":
		return "wifi"
	case "802-11-wireless-security":
		return "wifi-security"
	}
	return name
}

// keyfileKeyMgmt is key-mgmt in the words of wpa_supplicant; "wpa-psk" is for
// WPA3 networks, too.
func keyfileKeyMgmt(word string) []string {
	switch strings.TrimSpace(word) {
	case "":
		return []string{"NONE"}
	case "wpa-psk":
		return []string{"WPA-PSK", "WPA-PSK-SHA256", "SAE"}
	case "sae":
		return []string{"SAE"}
	case "owe":
		return []string{"OWE"}
	case "wpa-eap", "wpa-eap-suite-b-192", "ieee8021x":
		return []string{"WPA-EAP"}
	}
	return []string{strings.ToUpper(word)}
}

// unescapeKeyfile resolves the escapes of GLib's key files (glib, gkeyfile.c,
// g_key_file_parse_value_as_string).
func unescapeKeyfile(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 's':
			b.WriteByte(' ')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '\\':
			b.WriteByte('\\')
		default:
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// keyfileOctets reads an SSID: text in which semicolons are escaped, or a list of
// numbers that end each with one, "72;105;".
func keyfileOctets(s string) []byte {
	if list, ok := octetList(s); ok {
		return list
	}
	return []byte(strings.ReplaceAll(unescapeKeyfile(s), `\;`, ";"))
}

func octetList(s string) ([]byte, bool) {
	if !strings.Contains(s, ";") {
		return nil, false
	}
	var out []byte
	for _, word := range strings.Split(strings.TrimSuffix(strings.TrimSpace(s), ";"), ";") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 8)
		if err != nil {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}
