package keys

// AKM is a suite selector of authentication and key management (IEEE
// 802.11-2020, table 9-151): OUI in the upper three octets, type in the lowest,
// as RSN elements carry it in big-endian order.
type AKM uint32

// AKM suites whose keys this package derives.
const (
	AKMPSK       AKM = 0x000fac02 // PSK, SHA-1
	AKMPSKSHA256 AKM = 0x000fac06 // PSK, SHA-256
	AKMSAE       AKM = 0x000fac08 // SAE, SHA-256 whatever the group
	AKMSAEExtKey AKM = 0x000fac18 // SAE, hash and lengths by the group
)

// String gives the selector as the standard writes it: 00-0F-AC:8.
func (a AKM) String() string { return selector(uint32(a)) }

// Name says what the suite is, in the words of the standard's table, or gives
// the selector of one that is not listed there.
func (a AKM) Name() string {
	if n, ours := ieeeType(uint32(a)); ours && n < len(akmNames) && akmNames[n] != "" {
		return akmNames[n]
	}
	return a.String()
}

// akmNames is indexed by suite type.
var akmNames = [...]string{
	1:  "802.1X",
	2:  "PSK",
	3:  "FT-802.1X",
	4:  "FT-PSK",
	5:  "802.1X-SHA256",
	6:  "PSK-SHA256",
	7:  "TDLS",
	8:  "SAE",
	9:  "FT-SAE",
	10: "APPeerKey",
	11: "802.1X-SUITE-B",
	12: "802.1X-SUITE-B-192",
	13: "FT-802.1X-SHA384",
	14: "FILS-SHA256",
	15: "FILS-SHA384",
	16: "FT-FILS-SHA256",
	17: "FT-FILS-SHA384",
	18: "OWE",
	19: "FT-PSK-SHA384",
	20: "PSK-SHA384",
	24: "SAE-EXT-KEY",
	25: "FT-SAE-EXT-KEY",
}
