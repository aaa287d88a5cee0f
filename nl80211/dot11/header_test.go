package dot11

import (
	"bytes"
	"testing"
)

func TestFrameControl(t *testing.T) {
	tests := []struct {
		fc                             FrameControl
		management, control, data, qos bool
		null                           bool
	}{
		{Beacon, true, false, false, false, false},
		{Auth | Protected | Retry, true, false, false, false, false},
		{PSPoll, false, true, false, false, false},
		{BlockAck, false, true, false, false, false},
		{Data | ToDS, false, false, true, false, false},
		{NullData | PowerMgmt, false, false, true, false, true},
		{QoSData | FromDS, false, false, true, true, false},
		{QoSNullData, false, false, true, true, true},
	}
	for _, tc := range tests {
		fc := tc.fc
		if fc.Management() != tc.management || fc.Control() != tc.control || fc.Data() != tc.data || fc.QoS() != tc.qos || fc.Null() != tc.null {
			t.Errorf("%#04x: management %v control %v data %v qos %v null %v", uint16(fc), fc.Management(), fc.Control(), fc.Data(), fc.QoS(), fc.Null())
		}
	}
	if (Auth | Protected).Kind() != Auth {
		t.Error("flags are part of the kind")
	}
}

func FuzzHeader(f *testing.F) {
	for _, fc := range []FrameControl{Beacon, Action | HTControl, Data | ToDS, Data | HTControl, QoSData | ToDS | FromDS | HTControl, QoSNullData} {
		h := Header{FC: fc, Addr1: addr(0, 1), Addr2: addr(0, 2), Addr3: addr(0, 3), Addr4: addr(0, 4), Seq: 0x1230, QoS: 7, HT: 9}
		f.Add(append(h.Append(nil), "body"...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		h, body, err := ParseHeader(in)
		if err != nil {
			return
		}
		out := h.Append(nil)
		if len(out) != h.Len() || !bytes.Equal(append(out, body...), in) {
			t.Fatalf("read %x, written %x and %x, Len %d", in, out, body, h.Len())
		}
	})
}
