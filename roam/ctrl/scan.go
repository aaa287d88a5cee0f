package ctrl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roamfault/roam"
)

// busyPause is between two tries where the daemon is busy.
const busyPause = 100 * time.Millisecond

// Scan scans for results only (TYPE=ONLY): with another scan's the daemon would
// think of going elsewhere. It waits for its own results, whoever else scans
// meanwhile, and tries again while the daemon is busy; roam.ErrBusy says that it
// was so for all of Options.Patience.
func (s *Station) Scan(ctx context.Context, r roam.ScanRequest) error {
	if err := s.scan(ctx, r); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	return nil
}

func (s *Station) scan(ctx context.Context, r roam.ScanRequest) error {
	if r.Flush {
		// The daemon has the kernel forget its results, too, at the next scan
		// (bss.c, wpa_bss_flush).
		if err := s.client.Order(ctx, "BSS_FLUSH 0"); err != nil {
			return err
		}
	}
	patience, cancel := context.WithTimeoutCause(ctx, s.options.Patience, errNoResults)
	defer cancel()
	for busy := false; ; busy = true {
		taken, err := s.scanOnce(patience, scanWords(r))
		if busy && !taken && errors.Is(err, errNoResults) {
			err = roam.ErrBusy // its patience was over within the last try
		}
		if !errors.Is(err, roam.ErrBusy) {
			return err
		}
		select {
		case <-time.After(busyPause):
		case <-patience.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w, for %v", err, s.options.Patience)
		}
	}
}

// errNoResults says that the daemon did not tell of results.
var errNoResults = errors.New("no results in time")

// scanWords is the request for it. The SSID is asked for, which hidden networks
// need, and others answer to as well.
func scanWords(r roam.ScanRequest) string {
	var b strings.Builder
	b.WriteString("SCAN TYPE=ONLY use_id=1" + only(r.Freqs))
	if len(r.SSID) > 0 {
		fmt.Fprintf(&b, " ssid %x", r.SSID)
	}
	return b.String()
}

// only limits a scan to frequencies, in MHz; none: it does not.
func only(freqs []int) string {
	var b strings.Builder
	for i, freq := range freqs {
		b.WriteString([...]string{" freq=", ","}[min(i, 1)])
		b.WriteString(strconv.Itoa(freq))
	}
	return b.String()
}

// startMost is how long a scan that the daemon has taken may wait to begin; beyond,
// the daemon has dropped it and says nothing.
const startMost = 5 * time.Second

// scanOnce asks for one scan and waits for what comes of it; taken says whether the
// daemon has taken the request.
func (s *Station) scanOnce(ctx context.Context, request string) (taken bool, err error) {
	w := s.expect(ofScan)
	defer s.forget(w)
	answer, err := s.client.Request(ctx, request)
	if err != nil {
		return false, err
	}
	ours := "CTRL-EVENT-SCAN-RESULTS"
	if id, err := strconv.Atoi(answer); err == nil {
		ours += fmt.Sprintf(" id=%d", id)
	} else if answer == "FAIL-BUSY" {
		return false, roam.ErrBusy
	} else if answer != "OK" { // of a daemon without numbers
		return false, &Refusal{request, answer}
	}
	unstarted := time.NewTimer(startMost)
	defer unstarted.Stop()
	for {
		select {
		case m, there := <-w.got:
			if !there {
				return true, roam.ErrGone
			}
			if strings.HasPrefix(m.Text, "CTRL-EVENT-SCAN-STARTED") {
				unstarted.Stop()
			}
			if done, err := outcome(m.Text, ours); done {
				return true, err
			}
		case <-unstarted.C:
			return true, fmt.Errorf("%w: it has dropped the scan", roam.ErrBusy)
		case <-ctx.Done():
			return true, context.Cause(ctx)
		}
	}
}

// begins are how the lines begin that tell of a connection's begin.
func begins() []string {
	return []string{"SME: Trying to authenticate with ", "Trying to associate with "}
}

// ofScan reports whether a message tells something of a scan. With the begin of a
// connection the daemon drops a scan that has not begun, and does not say so
// (wpa_supplicant.c, wpa_supplicant_cancel_scan; one that runs is awaited first).
func ofScan(m Message) bool {
	return strings.HasPrefix(m.Text, "CTRL-EVENT-SCAN-") || connects(m.Text)
}

func connects(text string) bool {
	return slices.ContainsFunc(begins(), func(b string) bool { return strings.HasPrefix(text, b) })
}

// outcome reads a message about a scan whose results are told by the line ours.
func outcome(text, ours string) (done bool, err error) {
	if connects(text) {
		return true, fmt.Errorf("%w: it is connecting", roam.ErrBusy)
	}
	if failed, ok := strings.CutPrefix(text, "CTRL-EVENT-SCAN-FAILED "); ok {
		return !strings.Contains(failed, "retry=1"), scanFailure(failed)
	}
	return strings.TrimRight(text, " ") == ours, nil
}

// scanFailure reads "ret=-16", the kernel's refusal of a scan.
func scanFailure(rest string) error {
	for name, value := range words(rest) {
		if name == "ret" && value == "-16" {
			return fmt.Errorf("%w: the kernel is scanning, or connecting", roam.ErrBusy)
		}
	}
	return fmt.Errorf("the kernel refused it (%s)", shorten(rest))
}
