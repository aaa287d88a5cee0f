package runlog

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed plans/*.yaml
var planFiles embed.FS

const planDir = "plans"

// Names are the names of the library's plans, sorted.
func Names() []string {
	entries, err := planFiles.ReadDir(planDir)
	if err != nil {
		return nil // it is embedded: the tests read it
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Library returns the plans for known recipes, sorted by name. Their targets are
// those of the present network.
func Library() ([]Plan, error) {
	var plans []Plan
	for _, name := range Names() {
		p, err := Named(name)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// Named returns a plan of the library.
func Named(name string) (Plan, error) {
	file := path.Join(planDir, name+".yaml")
	data, err := planFiles.ReadFile(file)
	if err != nil {
		return Plan{}, fmt.Errorf("there is no plan %.80q in the library%s", name, meant(name, Names()))
	}
	return ParsePlan(file, data)
}
