package nl80211

import (
	"context"
	"time"

	"roamfault/nl80211/dot11"
)

// Attributes of a survey (kernel, enum nl80211_survey_info).
const (
	surveyFrequency   = 1
	surveyNoise       = 2
	surveyInUse       = 3
	surveyTime        = 4
	surveyTimeBusy    = 5
	surveyTimeExtBusy = 6
	surveyTimeRx      = 7
	surveyTimeTx      = 8
	surveyTimeScan    = 9
	surveyTimeBSSRx   = 11
	surveyFreqOffset  = 12
)

// Survey is what a device measured on a channel. Times are how long it was so
// since the device counts; those that it does not measure are not present.
type Survey struct {
	Freq       int // MHz
	FreqOffset int // kHz
	InUse      bool
	Noise      dot11.Optional[int] // dBm

	Time      dot11.Optional[time.Duration] // on the channel
	Busy      dot11.Optional[time.Duration] // the channel was busy
	ExtBusy   dot11.Optional[time.Duration] // its extension was
	Rx        dot11.Optional[time.Duration] // we received
	Tx        dot11.Optional[time.Duration] // we sent
	Scan      dot11.Optional[time.Duration] // we scanned
	RxFromBSS dot11.Optional[time.Duration] // we received from our own BSS
}

func (s *Survey) take(d *decoder) {
	if d.kind != attrSurveyInfo {
		return
	}
	for n := d.nested(); n.next(); {
		switch n.kind {
		case surveyFrequency:
			s.Freq = int(n.u32())
		case surveyFreqOffset:
			s.FreqOffset = int(n.u32())
		case surveyNoise:
			s.Noise = dbm(&n)
		case surveyInUse:
			s.InUse = true
		case surveyTime:
			s.Time = millis(&n)
		case surveyTimeBusy:
			s.Busy = millis(&n)
		case surveyTimeExtBusy:
			s.ExtBusy = millis(&n)
		case surveyTimeRx:
			s.Rx = millis(&n)
		case surveyTimeTx:
			s.Tx = millis(&n)
		case surveyTimeScan:
			s.Scan = millis(&n)
		case surveyTimeBSSRx:
			s.RxFromBSS = millis(&n)
		}
	}
}

func millis(d *decoder) dot11.Optional[time.Duration] {
	return dot11.Some(time.Duration(d.u64()) * time.Millisecond)
}

// Surveys returns what the device of an interface measured, by channel. The error
// is EOPNOTSUPP where the driver measures nothing.
func (c *Client) Surveys(ctx context.Context, ifindex int) ([]Survey, error) {
	result, err := c.call(ctx, CommandGetSurvey, wantDump, ifindex, interfaceOnly)
	if err != nil {
		return nil, err
	}
	surveys := make([]Survey, len(result.replies))
	for i := range result.replies {
		if err := c.decodeReply(CommandGetSurvey, &result.replies[i], surveys[i].take); err != nil {
			return nil, err
		}
	}
	return surveys, nil
}
