package nl80211

// Features are what a driver can do besides what has an attribute of its own
// (kernel, enum nl80211_feature_flags).
type Features uint32

// Some bits of Features.
const (
	FeatureSAE         Features = 1 << 5 // SAE by the supplicant
	FeatureScanFlush   Features = 1 << 7
	FeatureScanRandom  Features = 1 << 29 // random addresses in scans
	FeatureStaticSMPS  Features = 1 << 24
	FeatureDynamicSMPS Features = 1 << 25
)

// Has reports whether all bits of flags are set.
func (f Features) Has(flags Features) bool { return f&flags == flags }

// ExtFeature is the number of a feature in the list that follows Features
// (kernel, enum nl80211_ext_feature_index).
type ExtFeature int

// Some numbers of ExtFeature.
const (
	ExtFeatureRRM                   ExtFeature = 1
	ExtFeatureCQMRSSIList           ExtFeature = 13
	ExtFeature4WayPSK               ExtFeature = 15 // the driver does the handshake
	ExtFeature4Way8021X             ExtFeature = 16
	ExtFeatureMFPOptional           ExtFeature = 21
	ExtFeatureControlPort           ExtFeature = 26 // EAPOL over nl80211
	ExtFeatureExtKeyID              ExtFeature = 36
	ExtFeatureSAEOffload            ExtFeature = 38
	ExtFeatureBeaconProtection      ExtFeature = 41
	ExtFeatureControlPortNoPreauth  ExtFeature = 42
	ExtFeatureMulticastRegistration ExtFeature = 45
	ExtFeatureBeaconProtectClient   ExtFeature = 46
	ExtFeatureScanFreqKHz           ExtFeature = 47
	ExtFeatureControlPortTxStatus   ExtFeature = 48
	ExtFeatureOCV                   ExtFeature = 49
	ExtFeaturePuncture              ExtFeature = 62
	ExtFeatureSPPAMSDU              ExtFeature = 68
)

// ExtFeatures is a list of features, as the kernel gives it.
type ExtFeatures []byte

// Has reports whether a feature is in the list.
func (f ExtFeatures) Has(feature ExtFeature) bool {
	at := int(feature) / 8
	return feature >= 0 && at < len(f) && f[at]>>(feature%8)&1 != 0
}
