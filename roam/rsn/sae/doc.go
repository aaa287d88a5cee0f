// Package sae is simultaneous authentication of equals (IEEE 802.11-2020, 12.4):
// two stations prove to each other that they know one password and leave with a
// PMK that nobody can compute who only listened. A Session is one side of it, be
// it an access point, a station or a peer of a mesh; it reads and writes the
// bodies of Authentication frames and knows neither frames nor time.
//
// # What is covered
//
// The groups 19, 20 and 21 (P-256, P-384, P-521); hash-to-element (12.4.4.2.3)
// and, for old peers, hunting and pecking (12.4.4.2.2); anti-clogging tokens;
// password identifiers; rejected groups; the AKM suites 00-0F-AC:8 and
// 00-0F-AC:24, where the PMK is as long as the group's hash. SAE-PK (status 127)
// is refused. Addresses are those of the MLDs where a peer is an MLD (IEEE
// 802.11be, 12.4.4.2 and 12.4.4.3), else those of the stations.
//
// # Arithmetic
//
// Points are computed by filippo.io/nistec, whose operations take the same time
// whatever the values. It gives no access to the field below the curve, which
// both ways from a password to a point need; that is done with filippo.io/bigmod,
// the modular arithmetic of Go's own RSA, which is constant-time too. math/big
// and crypto/elliptic are not used. Hunting and pecking always runs 40 loops,
// each with the same steps, and selects its result without branches; only when 40
// were not enough, which one password in 2^40 sees, does it go on.
//
// The tables of nistec's ScalarMult are read in constant time; parsing a point
// that a peer sent is not secret and may take any path. Go gives no promise that
// secrets leave memory; what can be cleared is cleared when a session ends.
package sae
