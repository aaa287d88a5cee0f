package sae

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"roamfault/nl80211/dot11"
)

// TokenLen is how long a token of Tokens is, in octets.
const TokenLen = sha256.Size

// Tokens makes and checks anti-clogging tokens without remembering them (IEEE
// 802.11-2020, 12.4.6): a token is a keyed hash of the address of the station that
// has to return it and of an epoch. An epoch is the number of a stretch of time
// that the caller counts, half a minute long, say; a token is good in its own
// epoch and the next. When to demand one is the caller's choice. Tokens may be
// used by many goroutines at a time.
type Tokens struct{ key [sha256.Size]byte }

// NewTokens draws the key from random; nil is the system's generator.
func NewTokens(random io.Reader) (*Tokens, error) {
	if random == nil {
		random = rand.Reader
	}
	var t Tokens
	if _, err := io.ReadFull(random, t.key[:]); err != nil {
		return nil, fmt.Errorf("draw key of anti-clogging tokens: %w: %w", ErrRandom, err)
	}
	return &t, nil
}

// Token returns the token of a peer in an epoch.
func (t *Tokens) Token(peer dot11.Addr, epoch uint64) []byte {
	return mac(crypto.SHA256, t.key[:], binary.BigEndian.AppendUint64(nil, epoch), peer[:])
}

// Valid reports whether token was made for the peer in this epoch or the one
// before.
func (t *Tokens) Valid(peer dot11.Addr, epoch uint64, token []byte) bool {
	if hmac.Equal(token, t.Token(peer, epoch)) {
		return true
	}
	return epoch > 0 && hmac.Equal(token, t.Token(peer, epoch-1))
}

// Demand is the frame that refuses a Commit until its sender returns the token.
func (t *Tokens) Demand(c *Commit, peer dot11.Addr, epoch uint64) (Message, error) {
	body, err := (&TokenDemand{Method: c.Method, Group: c.Group, Token: t.Token(peer, epoch)}).Append(nil)
	if err != nil {
		return Message{}, err
	}
	return Message{Transaction: TransactionCommit, Status: dot11.StatusAntiCloggingToken, Body: body}, nil
}

// TokenDemand is the body of an answer with status 76 to a Commit (IEEE
// 802.11-2020, 12.4.7.4).
type TokenDemand struct {
	// Method is that of the Commit it answers.
	Method Method
	// Group is that of the Commit it answers.
	Group Group
	// Token is what the next Commit has to hold: 1 to 254 octets with
	// HashToElement, 1 or more with Looping.
	Token []byte
	// Rest holds the elements that follow.
	Rest []byte
}

// multiLinkLen is how long a Multi-Link element of an Authentication frame is:
// header, control and the common info with nothing but the MLD address (IEEE
// 802.11be, 35.3.5.1). extMultiLink is its extension id.
const (
	multiLinkLen = 12
	extMultiLink = 107
)

// ParseTokenDemand reads the answer with status 76 to a Commit made with m. With
// Looping everything after the group is the token, save a Multi-Link element at
// the end, which early access points of IEEE 802.11be send without hash-to-element.
// The result shares no memory with body. Every error wraps ErrMalformed.
func ParseTokenDemand(m Method, body []byte) (*TokenDemand, error) {
	if len(body) < 3 {
		return nil, fmt.Errorf("demand for a token of %d octets: %w", len(body), ErrMalformed)
	}
	t := &TokenDemand{Method: m, Group: Group(binary.LittleEndian.Uint16(body))}
	b := body[2:]
	if m == Looping {
		if end := len(b) - multiLinkLen; end > 0 && b[end] == elementExtension &&
			b[end+1] == multiLinkLen-2 && b[end+2] == extMultiLink {
			t.Rest, b = bytes.Clone(b[end:]), b[:end]
		}
		t.Token = bytes.Clone(b)
		return t, nil
	}
	for len(b) > 0 {
		element, err := cutElement(b)
		if err != nil {
			return nil, fmt.Errorf("demand for a token: %w", err)
		}
		b = b[len(element):]
		ext, content, ours := ownElement(element)
		switch {
		case !ours || ext != extToken:
			t.Rest = append(t.Rest, element...)
		case t.Token != nil || len(content) == 0:
			return nil, fmt.Errorf("demand for a token: container empty or twice: %w", ErrMalformed)
		default:
			t.Token = bytes.Clone(content)
		}
	}
	if t.Token == nil {
		return nil, fmt.Errorf("demand for a token without one: %w", ErrMalformed)
	}
	return t, nil
}

// Append adds the body to b. It fails where the token does not fit.
func (t *TokenDemand) Append(b []byte) ([]byte, error) {
	if len(t.Token) == 0 {
		return b, fmt.Errorf("write demand for a token without one: %w", ErrMalformed)
	}
	out := binary.LittleEndian.AppendUint16(b, uint16(t.Group))
	if t.Method == Looping {
		out = append(out, t.Token...)
	} else {
		var err error
		if out, err = appendElement(out, extToken, t.Token); err != nil {
			return b, fmt.Errorf("write demand for a token: %w", err)
		}
	}
	return append(out, t.Rest...), nil
}
