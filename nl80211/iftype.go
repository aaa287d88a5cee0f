package nl80211

import "strconv"

// InterfaceType is what an interface is (kernel, enum nl80211_iftype).
type InterfaceType uint32

// Types of interfaces.
const (
	TypeUnspecified InterfaceType = 0
	TypeAdHoc       InterfaceType = 1
	TypeStation     InterfaceType = 2
	TypeAP          InterfaceType = 3
	TypeAPVLAN      InterfaceType = 4
	TypeWDS         InterfaceType = 5
	TypeMonitor     InterfaceType = 6
	TypeMesh        InterfaceType = 7
	TypeP2PClient   InterfaceType = 8
	TypeP2PGO       InterfaceType = 9
	TypeP2PDevice   InterfaceType = 10
	TypeOCB         InterfaceType = 11
	TypeNAN         InterfaceType = 12
)

var interfaceTypes = [...]string{
	"unspecified", "ad hoc", "station", "access point", "access point VLAN", "WDS", "monitor", "mesh point",
	"P2P client", "P2P group owner", "P2P device", "OCB", "NAN",
}

// String names the type.
func (t InterfaceType) String() string {
	if int(t) < len(interfaceTypes) {
		return interfaceTypes[t]
	}
	return "interface type " + strconv.FormatUint(uint64(t), 10)
}

// interfaceTypeSet reads a list in which the numbers of the attributes are the
// types.
func interfaceTypeSet(d *decoder) []InterfaceType {
	var types []InterfaceType
	for n := d.nested(); n.next(); {
		types = append(types, InterfaceType(n.kind))
	}
	return types
}
