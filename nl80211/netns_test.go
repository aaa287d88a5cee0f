package nl80211

import "testing"

func TestMoveWiphy(t *testing.T) {
	c := expect(t, CommandSetWiphyNetNS, doFlags, join(num32(1, 5), num32(219, 17)))
	if err := c.MoveWiphy(t.Context(), 5, 17); err != nil {
		t.Fatal(err)
	}
}
