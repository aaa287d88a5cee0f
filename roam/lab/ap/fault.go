package ap

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roamfault/roam/rsn"
)

// Fault is one way in which an access point can be told to be wrong.
type Fault struct {
	// Name is what a Rule calls it by.
	Name string
	// About says in a sentence what the access point does.
	About string
	// Parameters are the fields of a Rule that it uses beside station, link,
	// frame, count and probability.
	Parameters []string
	// Frames are the kinds of frames it is about and can be limited to; none:
	// all.
	Frames []string
	// Class is the fault class that the station's records are expected to show
	// (patterns); empty: none.
	Class string

	hear     func(*Rule, *hearing)
	send     func(*Rule, *sending)
	answer   func(*Rule, *answering)
	shape    func(*Rule, *shaping)
	key      func(*Rule, *keying)
	messages []rsn.Kind // those that key is for
	release  func(*Rule, *releasing)
	occasion func(*Rule, *answering) bool // whether answer can do anything; nil: always
	present  func(*shaping) bool          // whether shape has anything to change; nil: always
	ofLink   bool                         // a rule's link is the one spoken of, not the one the frame is on
	begin    func(*AP, *activeRule)
	check    func(*AP, *Rule) error // what of the rule cannot be; nil: nothing
}

// frames are the kinds of frames the fault can be limited to.
func (f *Fault) frames() []string {
	if f.Frames == nil {
		return FrameKinds()
	}
	return f.Frames
}

// Faults returns every fault, in the order of an association.
func Faults() []Fault {
	return slices.Concat(airFaults(), answerFaults(), handshakeFaults(), standingFaults(), passingFaults())
}

// faultByName returns the fault of that name.
func faultByName(name string) (*Fault, error) {
	all := Faults()
	i := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.Name
		}
		return nil, fmt.Errorf("fault %q is none of %s", name, strings.Join(names, ", "))
	}
	return &all[i], nil
}

// Make puts a rule to work, beside those at work already. A fault that is an
// act, such as a deauthentication, is done at once.
func (a *AP) Make(now time.Duration, r Rule) error {
	a.Advance(now)
	f, err := faultByName(r.Fault)
	if err != nil {
		return err
	}
	if err := r.check(f, a.links); err != nil {
		return err
	}
	if f.check != nil {
		if err := f.check(a, &r); err != nil {
			return fmt.Errorf("fault %s: %w", f.Name, err)
		}
	}
	active := &activeRule{Rule: r, fault: f}
	if f.begin != nil {
		f.begin(a, active)
		return nil
	}
	if len(a.rules) >= maxRules {
		return fmt.Errorf("fault %s: %d rules are at work already; clear some", f.Name, maxRules)
	}
	a.rules = append(a.rules, active)
	return nil
}

// maxRules bounds the rules at work: each is looked at for every frame.
const maxRules = 64

// Rules returns the rules at work, with how often each was made.
func (a *AP) Rules() []Made {
	made := make([]Made, len(a.rules))
	for i, r := range a.rules {
		made[i] = Made{Rule: r.Rule, Times: r.made}
	}
	return made
}

// Made is a rule and how often it was made.
type Made struct {
	Rule
	Times int `json:"times"`
}

// Clear ends the rules of that fault, or all where name is empty, and returns
// how many there were. What an act has done stays done.
func (a *AP) Clear(name string) int {
	before := len(a.rules)
	a.rules = slices.DeleteFunc(a.rules, func(r *activeRule) bool { return name == "" || r.Fault == name })
	return before - len(a.rules)
}
