package direct

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// scan is one under way.
type scan struct{ done chan error }

var errAborted = errors.New("the scan was aborted")

// Scan lets the kernel hear anew, and returns when the results are there. Where
// another scan is under way the error wraps roam.ErrBusy.
func (s *Station) Scan(ctx context.Context, r roam.ScanRequest) error {
	var begun *scan
	err := s.do(ctx, "scan", func(ctx context.Context) error {
		if err := s.here(); err != nil {
			return err
		}
		if s.scan != nil {
			return roam.ErrBusy
		}
		if err := s.kept(ctx, func() error { return s.kernel.TriggerScan(ctx, s.scanRequest(r)) }); err != nil {
			s.sayRefusal(err)
			return busy(err)
		}
		begun = &scan{make(chan error, 1)}
		s.scan = begun
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case err := <-begun.done:
		if err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		return nil
	case <-ctx.Done():
		s.abortScan(ctx, begun)
		return fmt.Errorf("scan: %w", ctx.Err())
	case <-s.ended:
		return fmt.Errorf("scan: %w", errClosed)
	}
}

// abortScan gives up a scan that nobody waits for any more.
func (s *Station) abortScan(ctx context.Context, begun *scan) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	// It may have ended meanwhile; an error says no more than that.
	_ = s.do(ctx, "abort the scan", func(ctx context.Context) error {
		if s.scan != begun {
			return nil
		}
		return s.kernel.AbortScan(ctx, s.device.Index)
	})
}

func (s *Station) scanRequest(r roam.ScanRequest) nl80211.ScanRequest {
	out := nl80211.ScanRequest{Interface: s.device.Index, SSIDs: [][]byte{r.SSID}, Freqs: r.Freqs}
	if r.Flush && s.wiphy.Features.Has(nl80211.FeatureScanFlush) {
		out.Flags |= nl80211.ScanFlush
	}
	if len(r.Freqs) == 0 && s.wiphy.Band(dot11.Band6GHz) != nil {
		out.Flags |= nl80211.ScanColocated6G
	}
	return out
}

// endScan tells who waits for a scan that it has ended.
func (s *Station) endScan(err error) {
	if s.scan != nil {
		s.scan.done <- err
		s.scan = nil
	}
}

// kept asks the kernel, and where the interface was taken down meanwhile, again
// with the interface up.
func (s *Station) kept(ctx context.Context, ask func() error) error {
	err := ask()
	if !errors.Is(err, syscall.ENETDOWN) || ctx.Err() != nil {
		return err
	}
	if err := s.config.Switch.Set(s.config.Interface, true); err != nil {
		return err
	}
	return ask()
}

// busy gives refusals by the kernel the meaning they have for who asks.
func busy(err error) error {
	switch {
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EINPROGRESS):
		return fmt.Errorf("%w: %w", roam.ErrBusy, err)
	case errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("%w: %w", roam.ErrGone, err)
	case errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: %w", errOwned, err)
	}
	return err
}
