package hwsim

import (
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// MaxChannels is how many channels a radio can use at a time:
// CFG80211_MAX_NUM_DIFFERENT_CHANNELS.
const MaxChannels = 10

// maxName is the longest name of a radio: NL80211_WIPHY_NAME_MAXLEN.
const maxName = 64

// RadioConfig says what a radio is to be made like.
type RadioConfig struct {
	// Name is the wiphy's. Empty: the kernel's choice, phyN.
	Name string
	// Channels is how many channels the radio can use at a time, 1 to
	// MaxChannels. 0: 4, which multi-link wants.
	Channels int
	// UseChanctx lets a radio of one channel use channel contexts, too. MLO and
	// several channels bring them anyway.
	UseChanctx bool
	// MLO lets the radio do multi-link. Kernels before 6.5 ignore it.
	MLO bool
	// Addr is the permanent address. Zero: 02:00:00:00:NN:00 with the radio's
	// number.
	Addr dot11.Addr
	// Country is the regulatory domain the radio asks for, such as "US".
	Country string
	// Strict keeps the radio from channels outside of its own regulatory domain.
	Strict bool
	// P2P lets the radio have P2P device interfaces.
	P2P bool
	// NoInterface makes the radio without an interface (wlanN).
	NoInterface bool
	// Keep leaves the radio when the medium is closed. Else it is removed then,
	// even if the program is killed.
	Keep bool
}

// Radio is a simulated radio.
type Radio struct {
	// ID is the driver's number for it. Numbers are not used again.
	ID int
	// Name is the wiphy's name.
	Name string
	// Addr is by what frames and events know the radio; it is not an interface's
	// address. Where RadioConfig.Addr was given it is that, else
	// 42:00:00:00:NN:00.
	Addr dot11.Addr
}

// check says what is wrong with c.
func (c *RadioConfig) check() error {
	switch {
	case c.Channels < 0 || c.Channels > MaxChannels:
		return fmt.Errorf("%d channels: 1 to %d are possible", c.Channels, MaxChannels)
	case len(c.Name) > maxName:
		return fmt.Errorf("a name of %d octets: at most %d are possible", len(c.Name), maxName)
	case c.Addr.Group():
		return fmt.Errorf("address %s: that is a group's", c.Addr)
	case c.Country != "" && len(c.Country) != 2:
		return fmt.Errorf("country %q: two letters are wanted", c.Country)
	}
	for _, r := range c.Name {
		if r <= ' ' || r == '/' || r == 0x7f {
			return errors.New("the name has characters that a file name should not have")
		}
	}
	return nil
}

// encode gives the attributes of HWSIM_CMD_NEW_RADIO, as the function
// hwsim_new_radio_nl reads them.
func (c *RadioConfig) encode() ([]byte, error) {
	channels := c.Channels
	if channels == 0 {
		channels = 4
	}
	e := netlink.NewAttributeEncoder()
	e.Uint32(attrChannels, uint32(channels))
	e.Flag(attrUseChanctx, c.UseChanctx || channels > 1 || c.MLO)
	e.Flag(attrMLO, c.MLO)
	e.Flag(attrDestroyOnClose, !c.Keep)
	e.Flag(attrStrict, c.Strict)
	e.Flag(attrP2PDevice, c.P2P)
	e.Flag(attrNoInterface, c.NoInterface)
	if c.Name != "" {
		e.String(attrRadioName, c.Name)
	}
	if c.Country != "" {
		e.Bytes(attrCountry, []byte(c.Country))
	}
	if !c.Addr.IsZero() {
		e.Bytes(attrAddr, c.Addr[:])
	}
	return e.Encode()
}

// radioAddr is by what frames know the radio with this number, from
// mac80211_hwsim_new_radio.
func radioAddr(id int, permanent dot11.Addr) dot11.Addr {
	if !permanent.IsZero() {
		return permanent
	}
	return dot11.Addr{0x42, 0, 0, byte(id >> 8), byte(id), 0}
}
