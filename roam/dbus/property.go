package dbus

import (
	"encoding/hex"
	"slices"
	"strings"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// properties are an object's, by name. A value of another type than it should
// have is as if it were not there.
type properties map[string]godbus.Variant

// asProperties reads the argument of a signal or an answer.
func asProperties(v any) properties {
	p, _ := v.(map[string]godbus.Variant)
	return p
}

// value reads a property of type T.
func value[T any](p properties, name string) (v T, ok bool) {
	v, ok = p[name].Value().(T)
	return v, ok
}

// optional reads a property that may be there.
func optional[T any](p properties, name string) dot11.Optional[T] {
	v, ok := value[T](p, name)
	return dot11.Optional[T]{Value: v, Present: ok}
}

// arg returns an argument of a signal, the zero value where it has another type
// or is not there.
func arg[T any](body []any, n int) (v T) {
	if n < len(body) {
		v, _ = body[n].(T)
	}
	return v
}

// configuredSSID reads the SSID of a network as wpa_supplicant writes it: in
// quotes where it is printable, with escapes behind a P, or in hexadecimal
// (config.c, wpa_config_write_string and wpa_config_parse_string).
func configuredSSID(text string) (runlog.SSID, bool) {
	inner, quoted := strings.CutPrefix(text, `"`)
	if quoted {
		inner, quoted = strings.CutSuffix(inner, `"`)
		return runlog.SSID(inner), quoted && len(inner) <= dot11.MaxSSID
	}
	if inner, quoted = strings.CutPrefix(text, `P"`); quoted {
		inner, quoted = strings.CutSuffix(inner, `"`)
		ssid, err := runlog.ParseSSID(inner)
		return ssid, quoted && err == nil
	}
	octets, err := hex.DecodeString(text)
	return octets, err == nil && len(octets) <= dot11.MaxSSID
}

// paths returns the first of the object paths, as many as are allowed.
func paths(v godbus.Variant, most int) []godbus.ObjectPath {
	all, _ := v.Value().([]godbus.ObjectPath)
	return slices.Clone(all[:min(len(all), most)])
}
