package ap_test

import (
	"bytes"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// acked counts the frames of a kind from stations, and those acknowledged.
func (b *bench) acked(kind dot11.FrameControl) (sent, acked int) {
	for _, x := range b.e.sent(true, kind) {
		sent++
		if x.acked {
			acked++
		}
	}
	return sent, acked
}

var airFaultTests = map[string]func(*bench){
	"silence": func(b *bench) {
		b.make(ap.Rule{Fault: "silence", Frame: "auth"})
		b.fails()
		if sent, acked := b.acked(dot11.Auth); sent != 4 || acked != sent {
			b.Errorf("%d of %d frames were acknowledged", acked, sent)
		}
		if n := len(b.e.sent(false, dot11.Auth)); n > 0 {
			b.Errorf("%d answers", n)
		}
		if len(b.e.sent(false, dot11.Beacon)) < 4 {
			b.Error("beacons have stopped, too")
		}
		b.heals()
		b.e.forget()
		b.make(ap.Rule{Fault: "silence"})
		b.e.run(time.Second)
		b.s.send(0, host, testEtherType, []byte("x"))
		if up := b.a.Up(); len(up) > 0 || len(b.e.sent(false, dot11.Beacon)) > 0 {
			b.Error("a silent access point beacons, or hears")
		}
		if sent, acked := b.acked(dot11.QoSData); acked != sent {
			b.Errorf("%d of %d frames were acknowledged", acked, sent)
		}
	},
	"loss": func(b *bench) {
		b.make(ap.Rule{Fault: "loss", Frame: "auth"})
		b.fails()
		if sent, acked := b.acked(dot11.Auth); sent != 4 || acked != 0 {
			b.Errorf("%d of %d frames were acknowledged", acked, sent)
		}
		b.heals()
		b.make(ap.Rule{Fault: "loss", Frame: "data", Link: only(1)})
		b.s.received = nil
		b.s.send(1, host, testEtherType, []byte("lost"))
		b.s.send(0, host, testEtherType, []byte("good"))
		if up := b.a.Up(); len(up) != 1 || string(up[0].Payload) != "good" {
			b.Errorf("up went %+v", up)
		}
		down(b.e, b.a, b.s.mld, "over link 0, where it was heard")
		wantTexts(b.T, b.s, "over link 0, where it was heard")
	},
	"no-ack": func(b *bench) {
		b.make(ap.Rule{Fault: "no-ack"})
		b.connect()
		for _, kind := range []dot11.FrameControl{dot11.Auth, dot11.AssocRequest, dot11.QoSData} {
			if sent, acked := b.acked(kind); sent == 0 || acked > 0 {
				b.Errorf("%d of %d frames of kind %#x were acknowledged", acked, sent, uint16(kind))
			}
		}
		exchange(b.T, b.e, b.a, b.s)
	},
	"delay": func(b *bench) {
		b.make(ap.Rule{Fault: "delay", Frame: "assoc", TU: 50})
		b.connect()
		request, response := b.e.sent(true, dot11.AssocRequest)[0], b.e.sent(false, dot11.AssocResponse)[0]
		if got := response.at - request.at; got != 50*ap.TU {
			b.Errorf("the response came after %v", got)
		}
		b.a.Clear("")
		b.make(ap.Rule{Fault: "delay", Frame: "data"})
		b.s.received = nil
		down(b.e, b.a, b.s.mld, "late")
		b.e.run(99 * ap.TU)
		wantTexts(b.T, b.s)
		b.e.run(1 * ap.TU)
		wantTexts(b.T, b.s, "late")
	},
	"repeat": func(b *bench) {
		b.make(ap.Rule{Fault: "repeat", Frame: "auth"})
		b.connect()
		sent := b.e.sent(false, dot11.Auth)
		if len(sent) < 4 {
			b.Fatalf("%d authentication frames", len(sent))
		}
		for i := 0; i+1 < len(sent); i += 2 {
			if !bytes.Equal(sent[i].Data, sent[i+1].Data) || sent[i].at != sent[i+1].at {
				b.Errorf("frame %d is not sent twice", i)
			}
		}
		if n := len(b.e.sent(false, dot11.AssocResponse)); n != 1 {
			b.Errorf("%d association responses", n)
		}
	},
	"garble": func(b *bench) {
		b.connect()
		b.make(ap.Rule{Fault: "garble", Frame: "data"})
		down(b.e, b.a, b.s.mld, "garbled")
		wantTexts(b.T, b.s)
		if len(b.s.bad) != 1 {
			b.Errorf("errors %v", b.s.bad)
		}
		b.a.Clear("garble")
		down(b.e, b.a, b.s.mld, "good")
		wantTexts(b.T, b.s, "good")
	},
}
