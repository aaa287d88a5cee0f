package analysis

import (
	"context"
	"io"
)

// interruptible returns a reader of r that ends when ctx does, although a read
// of a pipe that brings nothing cannot be called off: that one is left behind.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	const piece = 256 << 10
	pr, pw := io.Pipe()
	go func() {
		_, err := io.CopyBuffer(pw, struct{ io.Reader }{r}, make([]byte, piece))
		_ = pw.CloseWithError(err) // never fails
	}()
	context.AfterFunc(ctx, func() { _ = pr.CloseWithError(ctx.Err()) })
	return pr
}
