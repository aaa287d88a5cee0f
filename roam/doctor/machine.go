package doctor

// machine is a system with what the checks share.
type machine struct {
	System
	release string
	cards   []card
	modules *moduleIndex
	// infos are the module files that were read, by path.
	infos map[string]moduleInfo
}

func newMachine(s System) *machine {
	m := &machine{System: s, infos: make(map[string]moduleInfo)}
	m.release = m.text("proc/sys/kernel/osrelease")
	m.modules = m.readModuleIndex()
	m.cards = m.findCards()
	return m
}

// real returns the cards that are no simulation.
func (m *machine) real() []card {
	var out []card
	for _, c := range m.cards {
		if !c.simulated() {
			out = append(out, c)
		}
	}
	return out
}

// noCard is the result of checks that look at cards where there is none.
func noCard() []Result {
	return one(Unknown, "there is no Wi-Fi card to look at", "see card")
}
