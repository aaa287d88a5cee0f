package inject

import (
	"context"
	"errors"
	"fmt"

	"roamfault/nl80211"
)

// canScan reports why the scan results cannot be flushed.
func (s *Set) canScan(context.Context) error {
	if s.Kernel == nil || s.Listen == nil {
		return errNoKernel
	}
	_, err := s.Machine.Find(s.Card)
	return err
}

// staleBSS has the kernel forget what it heard. There is no request for that
// alone: a scan with the flush flag drops, when it ends, all entries of the device
// that were last heard before it began, except those of a connection
// (net/wireless/scan.c, ___cfg80211_scan_done and __cfg80211_bss_expire). So the
// scan is of the one channel that the authentication needs: that link is heard
// again, and the others of its access point are gone when the association asks
// for them. A scan takes longer than the time between the two, unless they are our
// own requests: under a supplicant it goes before both, and the supplicant still
// has what the kernel forgot.
func (s *Set) staleBSS(ctx context.Context, t Target) (Result, error) {
	if t.Freq == 0 {
		return Result{}, errors.New("it takes the frequency of the link that is to be kept")
	}
	place, err := s.Machine.Find(s.Card)
	if err != nil {
		return Result{}, err
	}
	before, err := s.Kernel.ScanResults(ctx, place.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return Result{}, err
	}
	if err := s.flush(ctx, place.Index, t); err != nil {
		return Result{}, err
	}
	after, err := s.Kernel.ScanResults(ctx, place.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return Result{}, err
	}
	kept := 0
	for i := range before {
		if knows(after, &before[i]) {
			kept++
		}
	}
	return Result{What: fmt.Sprintf("the kernel has forgotten %d of %d scan results, by a scan of %d MHz", len(before)-kept, len(before), t.Freq)}, nil
}

func knows(list []nl80211.BSS, b *nl80211.BSS) bool {
	for i := range list {
		if list[i].BSSID == b.BSSID && list[i].Freq == b.Freq {
			return true
		}
	}
	return false
}

// flush scans with the flush flag, to the end.
func (s *Set) flush(ctx context.Context, ifindex int, t Target) (err error) {
	ears, err := s.Listen()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ears.Close()) }()
	r := nl80211.ScanRequest{Interface: ifindex, Freqs: []int{t.Freq}, Flags: nl80211.ScanFlush}
	if len(t.SSID) > 0 {
		r.SSIDs = [][]byte{t.SSID}
	}
	if err := s.Kernel.TriggerScan(ctx, r); err != nil {
		return err
	}
	for {
		event, err := ears.Receive(ctx)
		if err != nil {
			return fmt.Errorf("wait for the end of the scan: %w", err)
		}
		if event.Interface != ifindex {
			continue
		}
		switch event.Body.(type) {
		case nl80211.ScanFinished:
			return nil
		case nl80211.ScanAborted:
			return errors.New("the scan was aborted, and nothing is flushed by it")
		}
	}
}
