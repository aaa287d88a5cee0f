package sae

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func domainOf(t testing.TB, g Group) *domain {
	t.Helper()
	d, err := g.domain()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// IEEE 802.11-2020, J.10: hunting and pecking in group 19, from the password to
// the PMKID.
func TestLoopingVector(t *testing.T) {
	const (
		password = "mekmitasdigoat"
		local    = "13002e2c0f0db52440ad146d967114ce005ce1eab0aa2c2e5c2871b774f6c2575c65d5ad9e00829707aa36ba8b859738" +
			"fc961d08243505f47c035376d7ac4bc8d7b95083bf43827d0fc31ed778dd3671fd21a46d1091d64b6f9a1e1272621325dbe1"
		peer = "1300591b96f3397fb945100848e7b550543b6720d88337ee93fc49fd6df7e08b5223e71b9bb048d3873f20556953a96c" +
			"91536fd8ee6ca9b4a68a148b056a909be03e83ae208f60f8ef5537858074db06687032399862999b511e0a1552a5fea317c2"
	)
	// What is drawn: octets in the password's place, rand, mask.
	random := append(make([]byte, len(password)), unhex(t,
		"992465fd3daa3c60aa6565b7f62a2a7f2e12dd12f198faf4fbed89d7ff1ace94"+
			"9507a90f777a044d6a0830b91ea3d5dd70bece44e1acffb86983b5e1bf9fb322")...)
	secret, err := NewPassword("byteme", password, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSession(Config{
		Own:       dot11.Addr{0x4c, 0x3f, 0x2f, 0xff, 0xe3, 0x87},
		Peer:      dot11.Addr{0xa4, 0xd8, 0xaa, 0x95, 0x8e, 0x3c},
		Passwords: []*Password{secret},
		Methods:   []Method{Looping},
		Rand:      bytes.NewReader(random),
	})
	if err != nil {
		t.Fatal(err)
	}
	// The addresses of the vector are group addresses, which NewSession refuses.
	s.cfg.Own[0]++
	s.cfg.Peer[0]++

	step := s.Start()
	want := []Message{{TransactionCommit, dot11.StatusSuccess, unhex(t, local)}}
	if diff := cmp.Diff(want, step.Send); diff != "" {
		t.Fatalf("commit (-want +got):\n%s", diff)
	}
	step = s.HandleCommit(dot11.StatusSuccess, unhex(t, peer))
	if step.Err != nil || len(step.Send) != 1 {
		t.Fatalf("answer to the peer's commit: %+v", step)
	}
	got := map[string]string{
		"kck":   hex.EncodeToString(s.kck),
		"pmk":   hex.EncodeToString(s.pmk),
		"pmkid": hex.EncodeToString(s.pmkid[:]),
	}
	if diff := cmp.Diff(map[string]string{
		"kck":   "1e733f6d9bd53256287304338831b09a39406d121017073a5c30db36f36cb81a",
		"pmk":   "4e4dfab1a2dd8ac1a91790f953faaa452ae5c6873ab75b63605ba663f8a7fe59",
		"pmkid": "8747a600eea3f9f22475df58ca1e5498",
	}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// IEEE 802.11-2020, J.10: hash-to-element in group 19, every value on the way.
func TestHashToElementVector(t *testing.T) {
	d := domainOf(t, GroupP256)
	seed := mac(d.hash, []byte("byteme"), []byte("mekmitasdigoat"), []byte("psk4internet"))
	p1, err := d.hashToPoint(seed, "SAE Hash to Element u1 P1")
	if err != nil {
		t.Fatal(err)
	}
	p2, err := d.hashToPoint(seed, "SAE Hash to Element u2 P2")
	if err != nil {
		t.Fatal(err)
	}
	password, err := NewPassword("byteme", "mekmitasdigoat", "psk4internet", GroupP256)
	if err != nil {
		t.Fatal(err)
	}
	pwe, err := password.element(HashToElement, d,
		dot11.Addr{0x00, 0x09, 0x5b, 0x66, 0xec, 0x1e}, dot11.Addr{0x00, 0x0b, 0x6b, 0xd9, 0x02, 0x46}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{
		"pwd-seed": hex.EncodeToString(seed),
		"P1":       hex.EncodeToString(p1),
		"P2":       hex.EncodeToString(p2),
		"PT":       hex.EncodeToString(password.elements[GroupP256]),
		"PWE":      hex.EncodeToString(pwe),
	}
	if diff := cmp.Diff(map[string]string{
		"pwd-seed": "3bd53fe9223dc0280fbfce17d7a3564064e20f48c6ec72246ce367b5569a22af",
		"P1": "04a07c260764a13445ff8cd97c5acc644e7119bde51bad42583eed6f4109639e6b" +
			"3bdc8df0d32337936c74df604933a454142251c53c576c0351b28deaf9428d7e",
		"P2": "0472cd2a967a837fea5051f0133db46227775ba09f7b6dfb99ae7a8ef22c7d34a0" +
			"864390d797d352b368d311af515bde116fe54459fec867ee18a8a1619ca3ff59",
		"PT": "04b6e38c98750c684b5d17c3d8c9a4100b39931279187ca6cced5f37ef46ddfa97" +
			"5687e972e50f73e3898861e7edad21bea7d5f622df88243bb804920ae8e647fa",
		"PWE": "04c93049b9e64000f848201649e999f2b5c22dea69b5632c9df4d633b8aa1f6c1e" +
			"73634e94b53d82e7383a8d258199d9dc1a5ee8269d060382ccbf33e614ff59a0",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// RFC 9380, J.3.1 and J.4.1: the map SSWU is the same there. u becomes the point
// (x, y).
func TestSSWUVectors(t *testing.T) {
	tests := []struct {
		group   Group
		u, x, y string
	}{
		{GroupP384,
			"25c8d7dc1acd4ee617766693f7f8829396065d1b447eedb155871feffd9c6653279ac7e5c46edb7010a0e4ff64c9f3b4",
			"e4717e29eef38d862bee4902a7d21b44efb58c464e3e1f0d03894d94de310f8ffc6de86786dd3e15a1541b18d4eb2846",
			"6b95a6e639822312298a47526bb77d9cd7bcf76244c991c8cd70075e2ee6e8b9a135c4a37e3c0768c7ca871c0ceb53d4"},
		{GroupP384,
			"59428be4ed69131df59a0c6a8e188d2d4ece3f1b2a3a02602962b47efa4d7905945b1e2cc80b36aa35c99451073521ac",
			"509527cfc0750eedc53147e6d5f78596c8a3b7360e0608e2fab0563a1670d58d8ae107c9f04bcf90e89489ace5650efd",
			"33337b13cb35e173fdea4cb9e8cce915d836ff57803dbbeb7998aa49d17df2ff09b67031773039d09fbd9305a1566bc4"},
		{GroupP384,
			"53350214cb6bef0b51abb791b1c4209a2b4c16a0c67e1ab1401017fad774cd3b3f9a8bcdf7f6229dd8dd5a075cb149a0",
			"fc853b69437aee9a19d5acf96a4ee4c5e04cf7b53406dfaa2afbdd7ad2351b7f554e4bbc6f5db4177d4d44f933a8f6ee",
			"7e042547e01834c9043b10f3a8221c4a879cb156f04f72bfccab0c047a304e30f2aa8b2e260d34c4592c0c33dd0c6482"},
		{GroupP384,
			"c0473083898f63e03f26f14877a2407bd60c75ad491e7d26cbc6cc5ce815654075ec6b6898c7a41d74ceaf720a10c02e",
			"57912293709b3556b43a2dfb137a315d256d573b82ded120ef8c782d607c05d930d958e50cb6dc1cc480b9afc38c45f1",
			"de9387dab0eef0bda219c6f168a92645a84665c4f2137c14270fb424b7532ff84843c3da383ceea24c47fa343c227bb8"},
		{GroupP521,
			"01e5f09974e5724f25286763f00ce76238c7a6e03dc396600350ee2c4135fb17dc555be99a4a4bae0fd303d4f66d984ed7b6a3ba386093752a855d26d559d69e7e9e",
			"00b70ae99b6339fffac19cb9bfde2098b84f75e50ac1e80d6acb954e4534af5f0e9c4a5b8a9c10317b8e6421574bae2b133b4f2b8c6ce4b3063da1d91d34fa2b3a3c",
			"007f368d98a4ddbf381fb354de40e44b19e43bb11a1278759f4ea7b485e1b6db33e750507c071250e3e443c1aaed61f2c28541bb54b1b456843eda1eb15ec2a9b36e"},
		{GroupP521,
			"00ae593b42ca2ef93ac488e9e09a5fe5a2f6fb330d18913734ff602f2a761fcaaf5f596e790bcc572c9140ec03f6cccc38f767f1c1975a0b4d70b392d95a0c7278aa",
			"01143d0e9cddcdacd6a9aafe1bcf8d218c0afc45d4451239e821f5d2a56df92be942660b532b2aa59a9c635ae6b30e803c45a6ac871432452e685d661cd41cf67214",
			"00ff75515df265e996d702a5380defffab1a6d2bc232234c7bcffa433cd8aa791fbc8dcf667f08818bffa739ae25773b32073213cae9a0f2a917a0b1301a242dda0c"},
		{GroupP521,
			"003d00c37e95f19f358adeeaa47288ec39998039c3256e13c2a4c00a7cb61a34c8969472960150a27276f2390eb5e53e47ab193351c2d2d9f164a85c6a5696d94fe8",
			"01b254e1c99c835836f0aceebba7d77750c48366ecb07fb658e4f5b76e229ae6ca5d271bb0006ffcc42324e15a6d3daae587f9049de2dbb0494378ffb60279406f56",
			"01845f4af72fc2b1a5a2fe966f6a97298614288b456cfc385a425b686048b25c952fbb5674057e1eb055d04568c0679a8e2dda3158dc16ac598dbb1d006f5ad915b0"},
		{GroupP521,
			"01f3cbd3df3893a45a2f1fecdac4d525eb16f345b03e2820d69bc580f5cbe9cb89196fdf720ef933c4c0361fcfe29940fd0db0a5da6bafb0bee8876b589c41365f15",
			"007f08e813c620e527c961b717ffc74aac7afccb9158cebc347d5715d5c2214f952c97e194f11d114d80d3481ed766ac0a3dba3eb73f6ff9ccb9304ad10bbd7b4a36",
			"0022468f92041f9970a7cc025d71d5b647f822784d29ca7b3bc3b0829d6bb8581e745f8d0cc9dc6279d0450e779ac2275c4c3608064ad6779108a7828ebd9954caeb"},
	}
	for _, tt := range tests {
		d := domainOf(t, tt.group)
		u, err := d.field.reduce(unhex(t, tt.u))
		if err != nil {
			t.Fatal(err)
		}
		point := d.field.sswu(u)
		if got, want := hex.EncodeToString(point), "04"+tt.x+tt.y; got != want {
			t.Errorf("group %s, u %s:\nwant %s\ngot  %s", tt.group, tt.u, want, got)
		}
		if err := d.curve.check(point); err != nil {
			t.Errorf("group %s, u %s: %v", tt.group, tt.u, err)
		}
	}
}
