package keys

// Cipher is a cipher suite selector (IEEE 802.11-2020, table 9-149): OUI in the
// upper three octets, type in the lowest, as RSN elements carry it in
// big-endian order.
type Cipher uint32

// Cipher suites of frames (pairwise and group) and of group addressed
// management frames (BIP).
const (
	CCMP128    Cipher = 0x000fac04
	BIPCMAC128 Cipher = 0x000fac06
	GCMP128    Cipher = 0x000fac08
	GCMP256    Cipher = 0x000fac09
	CCMP256    Cipher = 0x000fac0a
	BIPGMAC128 Cipher = 0x000fac0b
	BIPGMAC256 Cipher = 0x000fac0c
	BIPCMAC256 Cipher = 0x000fac0d
)

// cipherUse is what a suite's key protects.
type cipherUse uint8

const (
	unused    cipherUse = iota // nothing here
	encrypts                   // frames
	integrity                  // group addressed management frames
)

// ciphers is indexed by suite type. Key lengths: IEEE 802.11-2020, table 12-7.
var ciphers = [...]struct {
	name   string
	keyLen int // octets
	use    cipherUse
}{
	0:  {name: "use group cipher suite"},
	1:  {name: "WEP-40"},
	2:  {name: "TKIP"},
	4:  {"CCMP-128", 16, encrypts},
	5:  {name: "WEP-104"},
	6:  {"BIP-CMAC-128", 16, integrity},
	7:  {name: "group addressed traffic not allowed"},
	8:  {"GCMP-128", 16, encrypts},
	9:  {"GCMP-256", 32, encrypts},
	10: {"CCMP-256", 32, encrypts},
	11: {"BIP-GMAC-128", 16, integrity},
	12: {"BIP-GMAC-256", 32, integrity},
	13: {"BIP-CMAC-256", 32, integrity},
}

// String gives the selector as the standard writes it: 00-0F-AC:4.
func (c Cipher) String() string { return selector(uint32(c)) }

// Name gives the standard's name of the suite, or the selector of one that is
// not listed there.
func (c Cipher) Name() string {
	if n, ours := ieeeType(uint32(c)); ours && n < len(ciphers) && ciphers[n].name != "" {
		return ciphers[n].name
	}
	return c.String()
}

// KeyLen returns the octets of the suite's temporal key (TK, GTK, IGTK or
// BIGTK): 16 or 32, and 0 for a suite whose keys are not made here.
func (c Cipher) KeyLen() int {
	if n, ours := ieeeType(uint32(c)); ours && n < len(ciphers) {
		return ciphers[n].keyLen
	}
	return 0
}

// Encrypts reports whether the suite encrypts frames, and so fits a TK or GTK:
// CCMP and GCMP.
func (c Cipher) Encrypts() bool { return c.use() == encrypts }

// Integrity reports whether the suite protects group addressed management
// frames, and so fits an IGTK or BIGTK: BIP.
func (c Cipher) Integrity() bool { return c.use() == integrity }

func (c Cipher) use() cipherUse {
	if n, ours := ieeeType(uint32(c)); ours && n < len(ciphers) {
		return ciphers[n].use
	}
	return unused
}
