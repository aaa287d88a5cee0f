package initramfs

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// compressions are told by how they begin.
var compressions = []struct {
	name, magic string
	open        func(io.Reader) (io.Reader, error)
}{
	{"gzip", "\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.ReaderConfig{DictCap: 64 << 20}.NewReader(r) }},
	{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		// One goroutine less to leak: the reader is not closed.
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	}},
	{"lz4", "\x02\x21\x4c\x18", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
}

// decompressor returns a reader of what b holds, and the compression's name;
// none where b is not compressed in a way known here.
func decompressor(b []byte) (io.Reader, string, error) {
	for _, c := range compressions {
		if bytes.HasPrefix(b, []byte(c.magic)) {
			r, err := c.open(bytes.NewReader(b))
			if err != nil {
				return nil, c.name, fmt.Errorf("decompress %s: %w", c.name, err)
			}
			return r, c.name, nil
		}
	}
	return bytes.NewReader(b), "", nil
}

// decompress returns what b holds, at most limit bytes.
func decompress(b []byte, limit int64) ([]byte, error) {
	r, name, err := decompressor(b)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return b, nil
	}
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("decompress %s: %w", name, err)
	}
	if int64(len(out)) > limit {
		return nil, fmt.Errorf("decompress %s: more than %d bytes", name, limit)
	}
	return out, nil
}
