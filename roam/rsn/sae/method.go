package sae

import "roamfault/nl80211/dot11"

// Method is the way from a password to the element of the group that an exchange
// starts from (IEEE 802.11-2020, 12.4.4.2).
type Method uint8

const (
	// HashToElement maps the password directly; WPA3 of 2020 and Wi-Fi 6E and 7
	// ask for it. Its Commit has the status code 126.
	HashToElement Method = iota
	// Looping is hunting and pecking, which older peers use. Its Commit has the
	// status code 0.
	Looping
)

// String gives a short name: "hash-to-element" or "looping".
func (m Method) String() string {
	if m == Looping {
		return "looping"
	}
	return "hash-to-element"
}

// Status is the status code of a Commit whose sender uses m (IEEE 802.11-2020,
// 12.4.7.4).
func (m Method) Status() dot11.StatusCode {
	if m == Looping {
		return dot11.StatusSuccess
	}
	return dot11.StatusSAEHashToElement
}

// MethodOf returns the method that a Commit with this status code is made with,
// and false when such a frame is no Commit of this package: a refusal, a demand
// for a token, or SAE-PK.
func MethodOf(status dot11.StatusCode) (Method, bool) {
	switch status {
	case dot11.StatusSuccess:
		return Looping, true
	case dot11.StatusSAEHashToElement:
		return HashToElement, true
	}
	return 0, false
}
