package journal

import (
	"context"
	"errors"
	"io"
)

// Lines reads the physical lines of an input, unpacked, and hands each to yield
// with its number, counted as in [Origin]. The text is valid only during the
// call and is as found. It ends early when yield returns an error, and without
// one on [ErrStop].
func Lines(ctx context.Context, r io.Reader, yield func(number int, text []byte) error) error {
	var skips skipList
	in, err := open(r, &skips)
	if err != nil {
		return err
	}
	defer in.close()
	src := newSource(ctx, in, &skips)
	for {
		l, ok := src.next()
		if !ok {
			return src.err
		}
		if err := yield(l.num, l.b); err != nil {
			if errors.Is(err, ErrStop) {
				return nil
			}
			return err
		}
		src.release(l.chunk)
	}
}
