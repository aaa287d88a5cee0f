package hwsim

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// control makes, lists and removes radios. It has a socket of its own, so that
// answers do not wait behind frames; radios made through it go when it is closed.
type control struct {
	conn   *genetlink.Conn
	family uint16
}

// newControl looks up the driver's family. The connection stays the caller's
// when that fails.
func newControl(conn *genetlink.Conn) (*control, error) {
	family, err := conn.GetFamily(familyName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoModule
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", familyName, permission(err))
	}
	return &control{conn: conn, family: family.ID}, nil
}

func (c *control) close() error { return c.conn.Close() }

func (c *control) execute(command uint8, flags netlink.HeaderFlags, attrs []byte) ([]genetlink.Message, error) {
	return c.conn.Execute(genetlink.Message{
		Header: genetlink.Header{Command: command, Version: familyVersion},
		Data:   attrs,
	}, c.family, netlink.Request|flags)
}

func (c *control) newRadio(config RadioConfig) (Radio, error) {
	if err := config.check(); err != nil {
		return Radio{}, err
	}
	attrs, err := config.encode()
	if err != nil {
		return Radio{}, err
	}
	_, err = c.execute(commandNewRadio, netlink.Acknowledge, attrs)
	id, err := createdRadio(err)
	if err != nil {
		return Radio{}, permission(err)
	}
	made, err := c.radio(id)
	if err != nil {
		return Radio{}, fmt.Errorf("ask for the name of radio %d: %w", id, err)
	}
	// A name that is taken is no error for the kernel (wiphy_new_nm): the radio
	// gets another one.
	if config.Name != "" && made.Name != config.Name {
		return Radio{}, both(fmt.Errorf("the name is taken, the kernel gave %q", made.Name), c.delRadio(id))
	}
	return Radio{ID: id, Name: made.Name, Addr: radioAddr(id, config.Addr)}, nil
}

// createdRadio takes the radio's number from the answer to HWSIM_CMD_NEW_RADIO:
// the driver returns it like an error number, but positive.
func createdRadio(err error) (id int, _ error) {
	var errno syscall.Errno
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &errno) && int(errno) < 0:
		return -int(errno), nil
	}
	return 0, err
}

func (c *control) delRadio(id int) error {
	e := netlink.NewAttributeEncoder()
	e.Uint32(attrRadioID, uint32(id))
	attrs, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = c.execute(commandDelRadio, netlink.Acknowledge, attrs)
	return permission(err)
}

// radio asks for one radio of this namespace.
func (c *control) radio(id int) (listedRadio, error) {
	e := netlink.NewAttributeEncoder()
	e.Uint32(attrRadioID, uint32(id))
	attrs, err := e.Encode()
	if err != nil {
		return listedRadio{}, err
	}
	answers, err := c.execute(commandGetRadio, 0, attrs)
	if err != nil {
		return listedRadio{}, err
	}
	for _, a := range answers {
		r, err := decodeRadio(a.Data)
		if err != nil {
			return listedRadio{}, err
		}
		if r.ID == id {
			return r, nil
		}
	}
	return listedRadio{}, errors.New("the driver does not know it")
}

// radios lists the radios of this namespace.
func (c *control) radios() ([]listedRadio, error) {
	answers, err := c.execute(commandGetRadio, netlink.Dump, nil)
	if err != nil {
		return nil, err
	}
	radios := make([]listedRadio, 0, len(answers))
	for _, a := range answers {
		r, err := decodeRadio(a.Data)
		if err != nil {
			return nil, err
		}
		radios = append(radios, r)
	}
	return radios, nil
}

// listedRadio is what the driver tells of a radio.
type listedRadio struct {
	ID       int
	Name     string
	Channels int
}

// decodeRadio reads what append_radio_msg writes. Its name has no zero at the
// end.
func decodeRadio(b []byte) (listedRadio, error) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return listedRadio{}, fmt.Errorf("read a radio: %w", err)
	}
	r := listedRadio{Channels: 1}
	for d.Next() {
		switch d.Type() {
		case attrRadioID:
			r.ID = int(d.Uint32())
		case attrChannels:
			r.Channels = int(d.Uint32())
		case attrRadioName:
			r.Name = d.String()
		}
	}
	if err := d.Err(); err != nil {
		return listedRadio{}, fmt.Errorf("read a radio: %w", err)
	}
	return r, nil
}

// permission says what to do where the kernel wants a right we do not have.
func permission(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (%w)", ErrPermission, err)
	}
	return err
}
