package nl80211

import (
	"context"
	"testing"
)

func TestSetWoWLAN(t *testing.T) {
	for name, tt := range map[string]struct {
		wake WakeTriggers
		want []byte
	}{
		"nothing":    {0, num32(3, 7)},
		"disconnect": {WakeDisconnect, join(num32(3, 7), nest(117, flag(2)))},
		"two":        {WakeDisconnect | WakeMagic, join(num32(3, 7), nest(117, join(flag(2), flag(3))))},
	} {
		t.Run(name, func(t *testing.T) {
			c := expect(t, commandSetWoWLAN, doFlags, tt.want)
			if err := c.SetWoWLAN(context.Background(), 7, tt.wake); err != nil {
				t.Error(err)
			}
		})
	}
	if err := serve(t, nil).SetWoWLAN(context.Background(), 7, 1<<4); err == nil {
		t.Error("a trigger with a value was sent without one")
	}
}

func TestWoWLAN(t *testing.T) {
	for name, tt := range map[string]struct {
		answer []byte
		want   WakeTriggers
	}{
		"nothing": {nil, 0},
		"some":    {nest(117, join(flag(1), flag(3))), WakeAny | WakeMagic},
		"others":  {nest(117, join(flag(2), num32(18, 1), flag(200))), WakeDisconnect | 1<<18},
	} {
		t.Run(name, func(t *testing.T) {
			c := expect(t, commandGetWoWLAN, askFlags, num32(3, 7), message(commandGetWoWLAN, tt.answer))
			got, err := c.WoWLAN(context.Background(), 7)
			if err != nil || got != tt.want {
				t.Errorf("%#x, error %v; want %#x", got, err, tt.want)
			}
		})
	}
}
