package dot11

// MSDU is what a data frame carries from end to end, with the addresses it has
// in the distribution system: an Ethernet frame without its checksum.
type MSDU struct {
	Dst, Src  Addr
	EtherType uint16
	Payload   []byte
}
