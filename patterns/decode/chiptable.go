package decode

const (
	vendorMediaTek    = 0x14c3
	vendorMediaTekUSB = 0x0e8d
	vendorMediaTekSD  = 0x037a

	fwMT7925 = "mediatek/mt7925/WIFI_RAM_CODE_MT7925_1_1.bin"
	fwMT6639 = "mediatek/mt7927/WIFI_RAM_CODE_MT6639_2_1.bin"
	fwMT7961 = "mediatek/WIFI_RAM_CODE_MT7961_1.bin"
	fwMT7922 = "mediatek/WIFI_RAM_CODE_MT7922_1.bin"
	fwMT7920 = "mediatek/WIFI_RAM_CODE_MT7961_1a.bin"
	fwMT7902 = "mediatek/WIFI_RAM_CODE_MT7902_1.bin"

	noteMT7927 = "known to the driver since 2026; older kernels bind it as mt7925 and fail, or not at all"
)

// chips: the device tables of openwrt/mt76 (June 2026); marketing names from
// the makers' product pages and lspci's usage.
var chips = [...]Chip{
	{PCI, vendorMediaTek, 0x7925, "mt7925", "MT7925, Filogic 360, Wi-Fi 7 2x2 160 MHz", "mt7925e", fwMT7925, "since Linux 6.7"},
	{PCI, vendorMediaTek, 0x0717, "mt7925", "AMD RZ717 (MT7925), Wi-Fi 7 2x2 160 MHz", "mt7925e", fwMT7925, "in Linux 6.12 and later"},
	{PCI, vendorMediaTek, 0x7927, "mt7927", "MT7927, Filogic 380, Wi-Fi 7 2x2 320 MHz", "mt7925e", fwMT6639, noteMT7927},
	{PCI, vendorMediaTek, 0x6639, "mt7927", "MT7927 under its die's id MT6639", "mt7925e", fwMT6639, noteMT7927},
	{PCI, vendorMediaTek, 0x0738, "mt7927", "AMD RZ738 (MT7927), Wi-Fi 7 2x2 320 MHz", "mt7925e", fwMT6639, noteMT7927},
	{PCI, vendorMediaTek, 0x7961, "mt7921", "MT7921, Filogic 330, Wi-Fi 6E 2x2", "mt7921e", fwMT7961, ""},
	{PCI, vendorMediaTek, 0x0608, "mt7921", "AMD RZ608 (MT7921K), Wi-Fi 6E 2x2", "mt7921e", fwMT7961, ""},
	{PCI, vendorMediaTek, 0x7922, "mt7922", "MT7922, Filogic 330P, Wi-Fi 6E 2x2 160 MHz", "mt7921e", fwMT7922, ""},
	{PCI, 0x0b48, 0x7922, "mt7922", "MT7922 under another maker's id", "mt7921e", fwMT7922, ""},
	{PCI, vendorMediaTek, 0x0616, "mt7922", "AMD RZ616 (MT7922), Wi-Fi 6E 2x2 160 MHz", "mt7921e", fwMT7922, ""},
	{PCI, vendorMediaTek, 0x7920, "mt7920", "MT7920, Wi-Fi 6E", "mt7921e", fwMT7920, "in Linux 6.12 and later"},
	{PCI, vendorMediaTek, 0x7902, "mt7902", "MT7902, Filogic 310 class, Wi-Fi 6E", "mt7921e", fwMT7902, "known to the driver since 2026; before, only to drivers outside the kernel"},
	{PCI, vendorMediaTek, 0x7990, "mt7996", "MT7996, Filogic 880, Wi-Fi 7 access point", "mt7996e", "mediatek/mt7996/mt7996_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7991, "mt7996", "MT7996, its second interface", "mt7996e", "mediatek/mt7996/mt7996_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7992, "mt7992", "MT7992, Filogic 860, Wi-Fi 7 access point", "mt7996e", "mediatek/mt7996/mt7992_wm.bin", ""},
	{PCI, vendorMediaTek, 0x799a, "mt7992", "MT7992, its second interface", "mt7996e", "mediatek/mt7996/mt7992_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7993, "mt7990", "MT7990, Wi-Fi 7 access point", "mt7996e", "mediatek/mt7996/mt7990_wm.bin", ""},
	{PCI, vendorMediaTek, 0x799b, "mt7990", "MT7990, its second interface", "mt7996e", "mediatek/mt7996/mt7990_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7915, "mt7915", "MT7915, Wi-Fi 6 access point", "mt7915e", "mediatek/mt7915_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7906, "mt7916", "MT7916, Wi-Fi 6E access point", "mt7915e", "mediatek/mt7916_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7916, "mt7915", "MT7915, its second interface", "mt7915e", "mediatek/mt7915_wm.bin", ""},
	{PCI, vendorMediaTek, 0x790a, "mt7916", "MT7916, its second interface", "mt7915e", "mediatek/mt7916_wm.bin", ""},
	{PCI, vendorMediaTek, 0x7615, "mt7615", "MT7615, Wi-Fi 5 access point", "mt7615e", "mediatek/mt7615_n9.bin", ""},
	{PCI, vendorMediaTek, 0x7611, "mt7615", "MT7611, Wi-Fi 5 access point", "mt7615e", "mediatek/mt7615_n9.bin", ""},
	{PCI, vendorMediaTek, 0x7663, "mt7663", "MT7663, Wi-Fi 5", "mt7615e", "mediatek/mt7663_n9_v3.bin", ""},
	{PCI, vendorMediaTek, 0x7603, "mt7603", "MT7603, Wi-Fi 4 access point", "mt7603e", "", ""},
	{PCI, vendorMediaTek, 0x7610, "mt7610", "MT7610E, Wi-Fi 5 1x1", "mt76x0e", "mediatek/mt7610e.bin", ""},
	{PCI, vendorMediaTek, 0x7630, "mt7630", "MT7630E, Wi-Fi 4 1x1", "mt76x0e", "", ""},
	{PCI, vendorMediaTek, 0x7650, "mt7650", "MT7650E, Wi-Fi 5 1x1", "mt76x0e", "mediatek/mt7650e.bin", ""},
	{PCI, vendorMediaTek, 0x7662, "mt7662", "MT7662E, Wi-Fi 5 2x2", "mt76x2e", "mt7662.bin", ""},
	{PCI, vendorMediaTek, 0x7612, "mt7612", "MT7612E, Wi-Fi 5 2x2", "mt76x2e", "mt7662.bin", ""},
	{PCI, vendorMediaTek, 0x7602, "mt7602", "MT7602E, Wi-Fi 4 2x2", "mt76x2e", "mt7662.bin", ""},

	{USB, vendorMediaTekUSB, 0x7925, "mt7925", "MT7925U, Wi-Fi 7", "mt7925u", fwMT7925, ""},
	{USB, vendorMediaTekUSB, 0x6639, "mt7927", "MT7927 on USB under its die's id MT6639", "mt7925u", fwMT6639, noteMT7927},
	{USB, 0x0846, 0x9050, "mt7925", "Netgear A8500", "mt7925u", fwMT7925, "known to the driver since 2026"},
	{USB, 0x0846, 0x9072, "mt7925", "Netgear A9000", "mt7925u", fwMT7925, "known to the driver since 2026"},
	{USB, vendorMediaTekUSB, 0x7961, "mt7921", "MT7921AU, Wi-Fi 6E", "mt7921u", fwMT7961, ""},
	{USB, 0x3574, 0x6211, "mt7921", "Comfast CF-952AX", "mt7921u", fwMT7961, ""},
	{USB, 0x0846, 0x9060, "mt7921", "Netgear A8000", "mt7921u", fwMT7961, ""},
	{USB, 0x0846, 0x9065, "mt7921", "Netgear A7500", "mt7921u", fwMT7961, ""},
	{USB, 0x35bc, 0x0107, "mt7921", "TP-Link TXE50UH", "mt7921u", fwMT7961, ""},
	{USB, vendorMediaTekUSB, 0x7663, "mt7663", "MT7663U, Wi-Fi 5", "mt7663u", "mediatek/mt7663_n9_v3.bin", ""},
	{USB, vendorMediaTekUSB, 0x7612, "mt7612", "MT7612U, Wi-Fi 5 2x2", "mt76x2u", "mt7662.bin", ""},
	{USB, vendorMediaTekUSB, 0x7610, "mt7610", "MT7610U, Wi-Fi 5 1x1", "mt76x0u", "mediatek/mt7610u.bin", ""},

	{SDIO, vendorMediaTekSD, 0x7901, "mt7921", "MT7921S, Wi-Fi 6E", "mt7921s", fwMT7961, ""},
	{SDIO, vendorMediaTekSD, 0x7902, "mt7902", "MT7902 on SDIO", "mt7921s", fwMT7902, "known to the driver since 2026"},
	{SDIO, vendorMediaTekSD, 0x7603, "mt7663", "MT7663S, Wi-Fi 5", "mt7663s", "mediatek/mt7663_n9_v3.bin", ""},
}

var vendors = [...]struct {
	id   uint16
	name string
}{
	{vendorMediaTek, "MediaTek"},
	{vendorMediaTekUSB, "MediaTek"},
	{vendorMediaTekSD, "MediaTek"},
	{0x8086, "Intel"},
	{0x10ec, "Realtek"},
	{0x0bda, "Realtek"},
	{0x168c, "Qualcomm Atheros"},
	{0x0cf3, "Qualcomm Atheros"},
	{0x17cb, "Qualcomm"},
	{0x14e4, "Broadcom"},
	{0x11ab, "Marvell"},
	{0x1b4b, "Marvell"},
	{0x1814, "Ralink"},
	{0x148f, "Ralink"},
}

// asics: the chip id of MT_HW_CHIPID and its kin, shifted into the high half
// by each driver's probe.
var asics = [...]struct {
	id   uint16
	chip string
}{
	{0x7925, "mt7925"},
	{0x7927, "mt7927"},
	{0x6639, "mt7927"},
	{0x7961, "mt7921"},
	{0x7922, "mt7922"},
	{0x7920, "mt7920"},
	{0x7902, "mt7902"},
	{0x7990, "mt7996"},
	{0x7992, "mt7992"},
	{0x7993, "mt7990"},
	{0x7915, "mt7915"},
	{0x7916, "mt7916"},
	{0x7906, "mt7916"},
	{0x7986, "mt7986"},
	{0x7981, "mt7981"},
	{0x7615, "mt7615"},
	{0x7663, "mt7663"},
	{0x7603, "mt7603"},
	{0x7628, "mt7628"},
	{0x7610, "mt7610"},
	{0x7630, "mt7630"},
	{0x7650, "mt7650"},
	{0x7662, "mt7662"},
	{0x7612, "mt7612"},
	{0x7602, "mt7602"},
}

type driverFamily struct{ name, family string }

// drivers are driver and module names, as the kernel's and FreeBSD's trees
// have them.
var drivers = [...]driverFamily{
	{"mt7925", "mt7925"}, {"mt7925e", "mt7925"}, {"mt7925u", "mt7925"}, {"mt7925_common", "mt7925"},
	{"mt7927", "mt7927"}, {"mt7927e", "mt7927"}, {"mt7927_init", "mt7927"}, {"mt6639", "mt7927"},
	{"mt7921", "mt7921"}, {"mt7921e", "mt7921"}, {"mt7921u", "mt7921"}, {"mt7921s", "mt7921"}, {"mt7921_common", "mt7921"},
	{"mt7922", "mt7922"}, {"mt7922e", "mt7922"}, {"mt7920", "mt7920"},
	{"mt7902", "mt7902"}, {"mt7902e", "mt7902"}, {"mt7902s", "mt7902"},
	{"mt7996", "mt7996"}, {"mt7996e", "mt7996"}, {"mt7996e_hif", "mt7996"}, {"mt7992", "mt7996"}, {"mt7992e", "mt7996"}, {"mt7990", "mt7996"},
	{"mt7915", "mt7915"}, {"mt7915e", "mt7915"}, {"mt7915e_hif", "mt7915"}, {"mt7916", "mt7915"}, {"mt798x_wmac", "mt7915"}, {"mt7986", "mt7915"}, {"mt7981", "mt7915"},
	{"mt7615", "mt7615"}, {"mt7615e", "mt7615"}, {"mt7615_common", "mt7615"}, {"mt7622_wmac", "mt7615"},
	{"mt7663", "mt7663"}, {"mt7663u", "mt7663"}, {"mt7663s", "mt7663"}, {"mt7663_usb_sdio_common", "mt7663"},
	{"mt7603", "mt7603"}, {"mt7603e", "mt7603"}, {"mt76_wmac", "mt7603"},
	{"mt76x0", "mt76x0"}, {"mt76x0e", "mt76x0"}, {"mt76x0u", "mt76x0"}, {"mt76x0_common", "mt76x0"},
	{"mt76x2", "mt76x2"}, {"mt76x2e", "mt76x2"}, {"mt76x2u", "mt76x2"}, {"mt76x2_common", "mt76x2"},
	{"mt7601u", "mt7601u"},
	{"mt76", "mt76"}, {"mt76xx", "mt76"}, {"mt76_usb", "mt76"}, {"mt76_sdio", "mt76"}, {"mt76_connac_lib", "mt76"}, {"mt76x02_lib", "mt76"}, {"mt76x02_usb", "mt76"},
	{"mt792x", "mt792x"}, {"mt792x_lib", "mt792x"}, {"mt792x_usb", "mt792x"},
	{"wlan_mt7902", "gen4m"}, {"wlan_drv_gen4m", "gen4m"}, {"wlan_gen4m", "gen4m"}, {"wlan_drv_gen2", "gen2"}, {"wlan_gen2", "gen2"}, {"wlan_drv_gen3", "gen3"},

	{"iwlwifi", "iwlwifi"}, {"iwlmvm", "iwlwifi"}, {"iwlmld", "iwlwifi"}, {"iwldvm", "iwlwifi"}, {"iwlagn", "iwlwifi"}, {"iwm", "iwlwifi"}, {"iwx", "iwlwifi"},
	{"iwl3945", "iwlegacy"}, {"iwl4965", "iwlegacy"}, {"iwlegacy", "iwlegacy"}, {"ipw2100", "ipw2x00"}, {"ipw2200", "ipw2x00"},

	{"ath", "ath9k"}, {"ath9k", "ath9k"}, {"ath9k_hw", "ath9k"}, {"ath9k_common", "ath9k"}, {"ath9k_htc", "ath9k_htc"},
	{"ath5k", "ath5k"}, {"ath6kl", "ath6kl"}, {"ath6kl_sdio", "ath6kl"}, {"ath6kl_usb", "ath6kl"},
	{"ath10k", "ath10k"}, {"ath10k_core", "ath10k"}, {"ath10k_pci", "ath10k"}, {"ath10k_ahb", "ath10k"}, {"ath10k_snoc", "ath10k"}, {"ath10k_sdio", "ath10k"}, {"ath10k_usb", "ath10k"},
	{"ath11k", "ath11k"}, {"ath11k_pci", "ath11k"}, {"ath11k_ahb", "ath11k"},
	{"ath12k", "ath12k"}, {"ath12k_pci", "ath12k"}, {"ath12k_wifi7_pci", "ath12k"}, {"ath12k_ahb", "ath12k"}, {"ath12k_wifi7", "ath12k"},
	{"carl9170", "carl9170"}, {"wcn36xx", "wcn36xx"}, {"wil6210", "wil6210"}, {"qcacld", "qcacld"},

	{"rtw88", "rtw88"}, {"rtw88_core", "rtw88"}, {"rtw_core", "rtw88"}, {"rtw_pci", "rtw88"}, {"rtw_usb", "rtw88"}, {"rtw_sdio", "rtw88"},
	{"rtw89", "rtw89"}, {"rtw89_core", "rtw89"}, {"rtw89core", "rtw89"},
	{"rtl8xxxu", "rtl8xxxu"}, {"rtlwifi", "rtlwifi"}, {"rtl_pci", "rtlwifi"}, {"rtl_usb", "rtlwifi"},
	{"rtl8187", "rtl818x"}, {"rtl8180", "rtl818x"}, {"rtl818x_pci", "rtl818x"}, {"r8188eu", "rtl8188eu"}, {"r8723bs", "rtl8723bs"}, {"rtwn", "rtwn"},

	{"brcmfmac", "brcmfmac"}, {"brcmfmac_wcc", "brcmfmac"}, {"brcmfmac_cyw", "brcmfmac"}, {"brcmfmac_bca", "brcmfmac"},
	{"brcmsmac", "brcmsmac"}, {"b43", "b43"}, {"b43legacy", "b43"}, {"wl", "broadcom-sta"}, {"bwn", "b43"}, {"bwfm", "brcmfmac"},

	{"mwifiex", "mwifiex"}, {"mwifiex_pcie", "mwifiex"}, {"mwifiex_usb", "mwifiex"}, {"mwifiex_sdio", "mwifiex"},
	{"mwlwifi", "mwlwifi"}, {"mwl8k", "mwl8k"}, {"libertas", "libertas"},

	{"rt2x00", "rt2x00"}, {"rt2800pci", "rt2x00"}, {"rt2800usb", "rt2x00"}, {"rt2800lib", "rt2x00"}, {"rt2800soc", "rt2x00"}, {"rt2x00lib", "rt2x00"}, {"rt61pci", "rt2x00"}, {"rt73usb", "rt2x00"}, {"rt2500usb", "rt2x00"}, {"rt2500pci", "rt2x00"}, {"rt2400pci", "rt2x00"},

	{"wlcore", "wlcore"}, {"wl18xx", "wlcore"}, {"wl12xx", "wlcore"}, {"wl1251", "wl1251"}, {"cw1200", "cw1200"}, {"rsi_91x", "rsi"}, {"p54pci", "p54"}, {"p54usb", "p54"}, {"zd1211rw", "zd1211rw"}, {"at76c50x_usb", "at76c50x"}, {"wilc1000", "wilc1000"}, {"wfx", "wfx"}, {"plfxlc", "plfxlc"}, {"qtnfmac", "qtnfmac"},
	{"mac80211_hwsim", "hwsim"}, {"hwsim", "hwsim"}, {"virt_wifi", "virt_wifi"},
}

// driverPrefixes serve the names that carry a model number.
var driverPrefixes = [...]driverFamily{
	{"rtw88_", "rtw88"}, {"rtw89_", "rtw89"},
	{"rtw_8851", "rtw89"}, {"rtw_8852", "rtw89"}, {"rtw_8922", "rtw89"},
	{"rtw_8", "rtw88"},
	{"rtl8188e", "rtlwifi"}, {"rtl8192", "rtlwifi"}, {"rtl8723", "rtlwifi"}, {"rtl8821ae", "rtlwifi"},
	{"rtl8821c", "rtl88xx-vendor"}, {"rtl8812au", "rtl88xx-vendor"}, {"rtl8814au", "rtl88xx-vendor"}, {"rtl8822b", "rtl88xx-vendor"}, {"rtl88x2", "rtl88xx-vendor"},
}
