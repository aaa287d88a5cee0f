package dot11

import "strconv"

// Suite is a cipher or AKM suite selector: the organization's identifier in the
// upper three octets, the suite's number in the lowest (IEEE 802.11-2020,
// 9.4.2.24.2 and 9.4.2.24.3).
type Suite uint32

// Cipher suites.
const (
	CipherGroup      Suite = 0x000fac00 // the group cipher, for pairwise traffic too
	CipherWEP40      Suite = 0x000fac01
	CipherTKIP       Suite = 0x000fac02
	CipherCCMP128    Suite = 0x000fac04
	CipherWEP104     Suite = 0x000fac05
	CipherBIPCMAC128 Suite = 0x000fac06
	CipherNoGroup    Suite = 0x000fac07 // group addressed traffic is not allowed
	CipherGCMP128    Suite = 0x000fac08
	CipherGCMP256    Suite = 0x000fac09
	CipherCCMP256    Suite = 0x000fac0a
	CipherBIPGMAC128 Suite = 0x000fac0b
	CipherBIPGMAC256 Suite = 0x000fac0c
	CipherBIPCMAC256 Suite = 0x000fac0d
)

// AKM suites.
const (
	AKM8021X         Suite = 0x000fac01
	AKMPSK           Suite = 0x000fac02
	AKMFT8021X       Suite = 0x000fac03
	AKMFTPSK         Suite = 0x000fac04
	AKM8021XSHA256   Suite = 0x000fac05
	AKMPSKSHA256     Suite = 0x000fac06
	AKMSAE           Suite = 0x000fac08
	AKMFTSAE         Suite = 0x000fac09
	AKM8021XSuiteB   Suite = 0x000fac0b
	AKM8021XCNSA     Suite = 0x000fac0c
	AKMFT8021XSHA384 Suite = 0x000fac0d
	AKMOWE           Suite = 0x000fac12
	AKMSAEExtKey     Suite = 0x000fac18
	AKMFTSAEExtKey   Suite = 0x000fac19
)

// String gives the selector as the kernel and supplicants print it: 00-0f-ac:4.
func (s Suite) String() string {
	const digits = "0123456789abcdef"
	var b [12]byte
	text := b[:0]
	for shift := 28; shift >= 8; shift -= 4 {
		text = append(text, digits[s>>shift&15])
		if shift%8 == 0 && shift > 8 {
			text = append(text, '-')
		}
	}
	return string(strconv.AppendUint(append(text, ':'), uint64(s&0xff), 10))
}

func (c *cursor) suite() Suite {
	if b := c.take(4); b != nil {
		return Suite(b[0])<<24 | Suite(b[1])<<16 | Suite(b[2])<<8 | Suite(b[3])
	}
	return 0
}

// suites reads a count and as many suites; it returns a list that is not nil.
func (c *cursor) suites() []Suite {
	n := int(c.u16())
	if 4*n > len(c.rest) {
		c.short, c.rest = true, nil
		return nil
	}
	list := make([]Suite, n)
	for i := range list {
		list[i] = c.suite()
	}
	return list
}

func appendSuite(b []byte, s Suite) []byte {
	return append(b, byte(s>>24), byte(s>>16), byte(s>>8), byte(s))
}

func appendSuites(b []byte, list []Suite) []byte {
	b = append(b, byte(len(list)), byte(len(list)>>8))
	for _, s := range list {
		b = appendSuite(b, s)
	}
	return b
}
