package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// block is what a reader of pcapng sees.
type block struct {
	kind    uint32
	fixed   []byte
	options []option
}

type option struct {
	code  uint16
	value string
}

// fixedLen is how long the part of a block before its options is.
func fixedLen(kind uint32, body []byte) (int, error) {
	switch kind {
	case blockSection:
		return 16, nil
	case blockInterface:
		return 8, nil
	case blockStatistics:
		return 12, nil
	case blockPacket:
		if len(body) < 20 {
			return 0, errors.New("a packet block without its lengths")
		}
		return 20 + (int(binary.LittleEndian.Uint32(body[12:]))+3)&^3, nil
	}
	return 0, fmt.Errorf("block of type %#x", kind)
}

// readBlocks reads a whole file as strictly as the format is.
func readBlocks(b []byte) ([]block, error) {
	var blocks []block
	for len(b) > 0 {
		if len(b) < 12 {
			return nil, fmt.Errorf("%d octets behind the last block", len(b))
		}
		kind, length := binary.LittleEndian.Uint32(b), int(binary.LittleEndian.Uint32(b[4:]))
		if length < 12 || length > len(b) || length%4 != 0 {
			return nil, fmt.Errorf("a block of %d octets, %d are left", length, len(b))
		}
		if again := int(binary.LittleEndian.Uint32(b[length-4:])); again != length {
			return nil, fmt.Errorf("a block says it has %d octets and then %d", length, again)
		}
		body := b[8 : length-4]
		b = b[length:]
		n, err := fixedLen(kind, body)
		if err != nil {
			return nil, err
		}
		if n > len(body) {
			return nil, fmt.Errorf("a block of type %#x has %d octets of %d", kind, len(body), n)
		}
		blk := block{kind: kind, fixed: body[:n]}
		for rest := body[n:]; len(rest) > 0; {
			if len(rest) < 4 {
				return nil, errors.New("half an option")
			}
			code, size := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
			padded := 4 + (size+3)&^3
			if padded > len(rest) {
				return nil, fmt.Errorf("an option of %d octets, %d are left", size, len(rest))
			}
			if code == optionEnd {
				if len(rest) != 4 {
					return nil, errors.New("something is behind the end of options")
				}
				break
			}
			blk.options = append(blk.options, option{code, string(rest[4 : 4+size])})
			rest = rest[padded:]
		}
		blocks = append(blocks, blk)
	}
	return blocks, nil
}
