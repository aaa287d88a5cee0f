package capture

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// Types of blocks, codes of options and the link type, from the draft and
// tcpdump.org's list of link types.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockStatistics = 5
	blockPacket     = 6

	byteOrderMagic = 0x1a2b3c4d

	optionEnd     = 0
	optionComment = 1

	optionHardware    = 2
	optionOS          = 3
	optionApplication = 4

	optionName        = 2
	optionDescription = 3
	optionResolution  = 9

	optionPacketFlags = 2

	optionReceived = 4
	optionDropped  = 5

	linkTypeRadiotap = 127

	// nanoseconds is the resolution of times: 10 to the power of -9.
	nanoseconds = 9
)

// maxText is the longest name or comment in octets. What is longer is cut.
const maxText = 4096

func beginBlock(b []byte, kind uint32) []byte {
	b = binary.LittleEndian.AppendUint32(b, kind)
	return append(b, 0, 0, 0, 0)
}

// endBlock completes the block that begins at start with its length, which
// stands at both ends.
func endBlock(b []byte, start int) []byte {
	length := uint32(len(b) - start + 4)
	binary.LittleEndian.PutUint32(b[start+4:], length)
	return binary.LittleEndian.AppendUint32(b, length)
}

func appendOption(b []byte, code uint16, length int) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	return binary.LittleEndian.AppendUint16(b, uint16(length))
}

func endOptions(b []byte) []byte { return appendOption(b, optionEnd, 0) }

// appendText appends an option of text, none where it is empty. The length is
// filled in afterwards because cleaning the text may shorten it.
func appendText(b []byte, code uint16, text string) []byte {
	if text == "" {
		return b
	}
	b = appendOption(b, code, 0)
	start := len(b)
	if plain(text) {
		b = append(b, text...)
	} else {
		b = append(b, clean(text)...)
	}
	binary.LittleEndian.PutUint16(b[start-2:], uint16(len(b)-start))
	return pad(b, len(b)-start)
}

// plain reports whether text can be taken as it is.
func plain(text string) bool {
	if len(text) > maxText {
		return false
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf || c == 0x7f {
			return false
		}
	}
	return true
}

// clean makes text UTF-8 without control characters, and short.
func clean(text string) string {
	// Runes that are not valid grow from one octet to three at most.
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "\ufffd")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	for len(text) > maxText {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// pad appends what brings n octets to a multiple of four.
func pad(b []byte, n int) []byte {
	for ; n&3 != 0; n++ {
		b = append(b, 0)
	}
	return b
}
