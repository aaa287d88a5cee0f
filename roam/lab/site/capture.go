package site

import (
	"fmt"
	"io"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/capture"
)

// Capture is a lab.Tap that writes the frames on the air as a pcapng file with
// an interface for each link.
type Capture struct {
	writer  *capture.Writer
	clock   func() time.Time
	byBSSID map[dot11.Addr]capture.InterfaceID
	byFreq  map[int]capture.InterfaceID
	start   time.Time // the wall clock's time of the lab's beginning
	flushed time.Duration
	err     error
}

// flushEvery is how long frames wait for others before they are written.
const flushEvery = 100 * time.Millisecond

// CaptureOptions are what a Capture may have.
type CaptureOptions struct {
	// Clock gives the time of day; nil: time.Now.
	Clock func() time.Time
	// Limit is the longest file in octets, beyond which frames are left out; 0:
	// none.
	Limit int64
}

// NewCapture begins a file of the lab's air.
func NewCapture(w io.Writer, p lab.Plan, o CaptureOptions) (*Capture, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	writer, err := capture.NewWriter(w, capture.Options{Application: "roamfault lab", Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	c := &Capture{writer: writer, clock: o.Clock, byBSSID: map[dot11.Addr]capture.InterfaceID{}, byFreq: map[int]capture.InterfaceID{}}
	for _, config := range p.APs {
		for _, l := range config.Links {
			id, err := writer.AddInterface(capture.Interface{
				Name:        fmt.Sprintf("%s-link%d", config.Name, l.ID),
				Description: fmt.Sprintf("%s, BSSID %v, %v of %v", config.SSID, l.BSSID, l.Channel, config.Name),
			})
			if err != nil {
				return nil, err
			}
			c.byBSSID[l.BSSID] = id
			if _, shared := c.byFreq[l.Channel.Freq]; !shared {
				c.byFreq[l.Channel.Freq] = id
			}
		}
	}
	return c, nil
}

// Frame writes one frame. The first error stays, for Close to tell.
func (c *Capture) Frame(at time.Duration, f ap.Frame, fromStation bool) {
	if c.err != nil {
		return
	}
	if c.start.IsZero() {
		c.start = c.clock().Add(-at)
		c.flushed = at
	}
	direction := capture.Outbound
	if fromStation {
		direction = capture.Inbound
	}
	c.err = c.writer.WritePacket(&capture.Packet{
		Interface: c.of(f), Time: c.start.Add(at), Direction: direction,
		Radio: capture.Radio{Freq: f.Freq, Signal: f.Signal}, Data: f.Data,
	})
	if c.err == nil && at-c.flushed >= flushEvery {
		c.flushed = at
		c.err = c.writer.Flush()
	}
}

// of finds the link a frame is of: by its BSSID, else by its channel. A link that
// has changed both is not known, and goes with the first.
func (c *Capture) of(f ap.Frame) capture.InterfaceID {
	for _, field := range [][2]int{{4, 10}, {10, 16}} {
		if len(f.Data) >= field[1] {
			if id, ok := c.byBSSID[dot11.Addr(f.Data[field[0]:field[1]])]; ok {
				return id
			}
		}
	}
	return c.byFreq[f.Freq]
}

// Close ends the file and says what went wrong with it. It does not close the
// io.Writer.
func (c *Capture) Close() error {
	if c.err != nil {
		return c.err
	}
	return c.writer.Close()
}
