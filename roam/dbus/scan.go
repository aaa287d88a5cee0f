package dbus

import (
	"context"
	"fmt"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// scanDone is the end of a scan.
type scanDone struct {
	ok, gone bool
	sequence godbus.Sequence
}

// scanned hands it to whoever waits.
func (s *Station) scanned(d scanDone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.scan <- d: // of a nil channel never
	default:
	}
}

// channel is a channel to listen on; without a width it is 20 MHz (dbus.doxygen).
type channel struct{ Freq, Width uint32 }

// maxFreq is the end of the highest band, MHz.
const maxFreq = 7125

// scanArguments are those of Interface.Scan. The results are not to make the
// supplicant choose (AllowRoam).
func scanArguments(r roam.ScanRequest) (map[string]godbus.Variant, error) {
	args := map[string]godbus.Variant{
		"Type":      godbus.MakeVariant("active"),
		"AllowRoam": godbus.MakeVariant(false),
	}
	if len(r.SSID) > dot11.MaxSSID {
		return nil, fmt.Errorf("an SSID of %d octets: %d are the most", len(r.SSID), dot11.MaxSSID)
	}
	if len(r.SSID) > 0 {
		args["SSIDs"] = godbus.MakeVariant([][]byte{r.SSID})
	}
	var channels []channel
	for _, freq := range r.Freqs {
		if freq <= 0 || freq > maxFreq {
			return nil, fmt.Errorf("there is no channel at %d MHz", freq)
		}
		channels = append(channels, channel{Freq: uint32(freq)})
	}
	if len(channels) > 0 {
		args["Channels"] = godbus.MakeVariant(channels)
	}
	return args, nil
}

// Scan returns when the results are there. While another scan is under way, or
// where the driver refuses this one, the error is roam.ErrBusy.
func (s *Station) Scan(ctx context.Context, r roam.ScanRequest) error {
	return explain("scan", s.scanFor(ctx, r))
}

func (s *Station) scanFor(ctx context.Context, r roam.ScanRequest) error {
	at, err := s.here(ctx)
	if err != nil {
		return err
	}
	args, err := scanArguments(r)
	if err != nil {
		return err
	}
	if r.Flush {
		if err := s.ask(ctx, at, "FlushBSS", uint32(0)).Err; err != nil {
			return err
		}
	}
	ended := make(chan scanDone, 16)
	s.listen(ended)
	defer s.listen(nil)
	call := s.ask(ctx, at, "Scan", args)
	if call.Err != nil {
		if ctx.Err() != nil {
			s.abandon(at)
		}
		return call.Err
	}
	if err := s.await(ctx, ended, call.ResponseSequence); err != nil {
		if ctx.Err() != nil {
			s.abandon(at)
		}
		return err
	}
	return s.caughtUp(ctx, at)
}

func (s *Station) listen(ended chan scanDone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scan = ended
}

// await waits for the end of a scan. One that ended before it was asked for is
// another's.
func (s *Station) await(ctx context.Context, ended <-chan scanDone, after godbus.Sequence) error {
	for {
		select {
		case d := <-ended:
			switch {
			case d.gone:
				return roam.ErrGone
			case d.sequence < after:
			case !d.ok:
				return fmt.Errorf("%w: the scan failed, or was ended by somebody else", roam.ErrBusy)
			default:
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return ErrClosed
		}
	}
}

// caughtUp waits until what the scan changed of BSSs known before was told, too:
// it is gathered, and sent at the latest behind the answer to any request. The
// second answer is behind it.
func (s *Station) caughtUp(ctx context.Context, at spot) error {
	for range 2 {
		if _, err := s.get(ctx, at, "State"); err != nil {
			return err
		}
	}
	return s.bus.inbox.settle(ctx)
}

// abandonPatience is how long it takes to give up a scan.
const abandonPatience = time.Second

// abandon ends a scan that nobody waits for any more. Where it has not begun, or
// is over, the supplicant refuses, which is no matter.
func (s *Station) abandon(at spot) {
	ctx, cancel := context.WithTimeout(s.ctx, abandonPatience)
	defer cancel()
	_ = s.ask(ctx, at, "AbortScan").Err
}

// AbortScan ends the scan under way, whoever asked for it. The error is
// roam.ErrBusy where there is none.
func (s *Station) AbortScan(ctx context.Context) error {
	at, err := s.here(ctx)
	if err == nil {
		err = s.ask(ctx, at, "AbortScan").Err
	}
	return explain("abort the scan", err)
}
