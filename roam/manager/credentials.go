package manager

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"roamfault/reports/render"
	"roamfault/roam/runlog"
)

// Credentials are what it takes to connect to a network.
type Credentials struct {
	SSID runlog.SSID
	// KeyMgmt are ways of authentication in wpa_supplicant's words: "SAE",
	// "WPA-PSK", "NONE"; nil: not said.
	KeyMgmt []string
	// Passphrase is of 8 to 63 characters, or of any length where SAE alone is used;
	// PSK are 64 hexadecimal digits. At most one is there; SAE takes none but
	// Passphrase.
	Passphrase, PSK Secret
	// PasswordID tells apart the passwords of SAE; mostly empty.
	PasswordID string
	// PMF is wpa_supplicant's ieee80211w: 0, 1 (where it can be had), 2 (a must);
	// nil: not said.
	PMF *int
	// From is where they were found.
	From string
}

// Open reports whether the network takes no password.
func (c *Credentials) Open() bool { return hasAny(c.KeyMgmt, "NONE", "OWE") }

// Enterprise reports whether the network is one of 802.1X, of which nothing is
// read.
func (c *Credentials) Enterprise() bool {
	return slices.ContainsFunc(c.KeyMgmt, func(w string) bool { return strings.Contains(w, "EAP") || w == "IEEE8021X" })
}

// lines are those of a network in a configuration of wpa_supplicant.
func (c *Credentials) lines() ([]string, error) {
	if c.Enterprise() {
		return nil, fmt.Errorf("network %s is one of 802.1X, which is not supported", c.SSID)
	}
	if len(c.SSID) == 0 || len(c.SSID) > mostSSID {
		return nil, errors.New("a network has no SSID")
	}
	keyMgmt := c.KeyMgmt
	if len(keyMgmt) == 0 {
		keyMgmt = []string{"SAE", "WPA-PSK", "WPA-PSK-SHA256"}
	}
	lines := []string{"ssid=" + hex.EncodeToString(c.SSID), "key_mgmt=" + strings.Join(keyMgmt, " ")}
	if !c.PSK.IsZero() {
		lines = append(lines, "psk="+c.PSK.Reveal())
	}
	if !c.Passphrase.IsZero() {
		text, err := configSecret(c.Passphrase)
		if err != nil {
			return nil, err
		}
		// What is too short or too long for a passphrase is for SAE alone.
		if n := len(c.Passphrase.Reveal()); n >= 8 && n <= 63 {
			lines = append(lines, "psk="+text)
		}
		lines = append(lines, "sae_password="+text)
	}
	if c.PasswordID != "" {
		lines = append(lines, "sae_password_id="+hex.EncodeToString([]byte(c.PasswordID)))
	}
	// WPA3 takes management frame protection; with WPA2 it is had where it can be.
	pmf := 2
	if hasAny(keyMgmt, "WPA-PSK", "WPA-PSK-SHA256", "NONE") {
		pmf = 1
	}
	if c.PMF != nil {
		pmf = *c.PMF
	}
	return append(lines, fmt.Sprintf("ieee80211w=%d", pmf)), nil
}

// mostPassword bounds the content of a password file.
const mostPassword = 256

// PasswordFile reads a file that has the password of the network alone, in its
// first line. The path is the system's.
func PasswordFile(s System, name string) (Secret, error) {
	b, err := tree{s.Files}.read(name)
	if err != nil {
		return Secret{}, fmt.Errorf("read the password: %w", err)
	}
	line, rest, _ := strings.Cut(string(b), "\n")
	line = strings.TrimSuffix(line, "\r")
	switch {
	case line == "":
		return Secret{}, fmt.Errorf("read the password: %s is empty", name)
	case len(line) > mostPassword || strings.ContainsRune(line, 0):
		return Secret{}, fmt.Errorf("read the password: the first line of %s is no password", name)
	case strings.TrimSpace(rest) != "":
		return Secret{}, fmt.Errorf("read the password: %s has more than one line", name)
	}
	return NewSecret(line), nil
}

// isRawPSK reports whether a password is a key in hexadecimal digits.
func isRawPSK(s string) bool {
	_, err := hex.DecodeString(s)
	return len(s) == 64 && err == nil
}

// WithPassword are credentials with a password that was given.
func WithPassword(ssid runlog.SSID, password Secret, from string) Credentials {
	c := Credentials{SSID: ssid, From: from}
	if isRawPSK(password.Reveal()) {
		c.PSK, c.KeyMgmt = password, []string{"WPA-PSK", "WPA-PSK-SHA256"}
	} else {
		c.Passphrase = password
	}
	return c
}

// keyfileDirs are where NetworkManager has its connections.
var keyfileDirs = [...]string{
	"/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections",
}

// Secrets finds the credentials of a network where those have them who manage the
// interface: NetworkManager and wpa_supplicant. It tells nothing of them but
// where they are.
func Secrets(ctx context.Context, s System, man *Management, ssid runlog.SSID) (Credentials, error) {
	m := newMachine(s)
	found := append(m.keyfiles(man), m.configs(man)...)
	failed := func(format string, args ...any) (Credentials, error) {
		return Credentials{}, fmt.Errorf("find the password of network %s: %s; give it with --password-file", ssid, render.Clean(fmt.Sprintf(format, args...)))
	}
	why := ""
	for _, f := range found {
		n := &f.network
		if n.any || !bytes.Equal(n.ssid, ssid) {
			continue
		}
		c := Credentials{SSID: slices.Clone(ssid), KeyMgmt: n.keyMgmt, PasswordID: n.saeID, PMF: n.pmf, From: f.file}
		switch {
		case !n.sae.IsZero():
			c.Passphrase = n.sae
		case n.raw:
			c.PSK = n.psk
		default:
			c.Passphrase = n.psk
		}
		switch {
		case c.Enterprise():
			why = f.file + " has it as one of 802.1X, which is not supported"
		case c.Passphrase.IsZero() && c.PSK.IsZero() && !c.Open():
			why = f.file + " has the network and no password"
			if n.outside != "" {
				why += ", which is " + n.outside
			}
		default:
			return c, ctx.Err()
		}
	}
	if why != "" {
		return failed("%s", why)
	}
	if m.files.user(m.PID) != "0" {
		return failed("it is in no file that can be read; those with passwords are open to root alone")
	}
	return failed("neither NetworkManager's connections nor configurations of wpa_supplicant have it")
}

// stored is a network and the file that it is in.
type stored struct {
	network network
	file    string
}

// mostFiles bounds those that are read of a directory.
const mostFiles = 4096

// keyfiles are those of NetworkManager: first the connection in use, last those
// of other interfaces.
func (m *machine) keyfiles(man *Management) []stored {
	type ranked struct {
		stored
		rank int
	}
	var all []ranked
	for _, dir := range keyfileDirs {
		names := m.files.names(dir)
		for _, name := range names[:min(len(names), mostFiles)] {
			file := path.Join(dir, name)
			b, err := m.files.read(file)
			if err != nil {
				continue
			}
			k, err := parseKeyfile(b)
			if err != nil {
				continue
			}
			r := ranked{stored{k.network, file}, 1}
			switch {
			case man.NetworkManager != nil && k.uuid != "" && k.uuid == man.NetworkManager.UUID:
				r.rank = 0
			case k.iface != "" && k.iface != man.Interface:
				r.rank = 2
			}
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return a.rank - b.rank })
	out := make([]stored, len(all))
	for i := range all {
		out[i] = all[i].stored
	}
	return out
}

// configs are the networks of supplicants, and of the usual files.
func (m *machine) configs(man *Management) []stored {
	var files []string
	for i := range man.Supplicants {
		if s := &man.Supplicants[i]; s.Config != "" {
			files = append(files, m.files.of(s.PID, s.Config))
		}
	}
	files = append(files,
		"/etc/wpa_supplicant/wpa_supplicant-"+man.Interface+".conf", "/etc/wpa_supplicant/wpa_supplicant-nl80211-"+man.Interface+".conf",
		"/etc/wpa_supplicant/wpa_supplicant.conf", "/etc/wpa_supplicant.conf")
	var enabled, disabled []stored
	for _, file := range files {
		b, err := m.files.read(file)
		if err != nil {
			continue
		}
		for _, n := range parseConfig(b).networks {
			if n.disabled {
				disabled = append(disabled, stored{n, file})
			} else {
				enabled = append(enabled, stored{n, file})
			}
		}
	}
	return append(enabled, disabled...)
}
