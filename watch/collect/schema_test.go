package collect

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"roamfault/reports/incident"
	"roamfault/reports/schema"
)

// full fills every field of a value, so that none is left out for being empty.
func full(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			full(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		full(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		full(key)
		full(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	}
}

// What is collected is as the schema of the spool's documents says.
func TestCollectedIsAsTheSchemaSays(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Watch))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json#/$defs/collected")
	if err != nil {
		t.Fatal(err)
	}
	var everything Collected
	full(reflect.ValueOf(&everything).Elem())
	everything.Dumps[0].File.SHA256 = strings.Repeat("0f", 32)
	all, err := json.Marshal(&everything)
	if err != nil {
		t.Fatal(err)
	}
	some, err := collector(machine(t)).Collect(&incident.Incident{Device: "mt7925e 0000:05:00.0"}, kept{}.attach)
	if err != nil {
		t.Fatal(err)
	}
	none, err := collector(t.TempDir()).Collect(&incident.Incident{}, kept{}.attach)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]json.RawMessage{"everything": all, "something": some, "nothing": none} {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
	// The other way round: what the schema describes is written.
	for _, def := range []struct {
		name string
		from any
	}{
		{"collected", Collected{}}, {"kernel", Kernel{}}, {"module", Module{}}, {"interface", Interface{}}, {"link", Link{}}, {"mlo_link", MLOLink{}},
		{"station", Station{}}, {"dump", Dump{}}, {"attachment", everything.Dumps[0].File},
	} {
		properties := doc.(map[string]any)["$defs"].(map[string]any)[def.name].(map[string]any)["properties"].(map[string]any)
		keys := make(map[string]bool)
		for i := range reflect.TypeOf(def.from).NumField() {
			key, _, _ := strings.Cut(reflect.TypeOf(def.from).Field(i).Tag.Get("json"), ",")
			keys[key] = true
		}
		for key := range properties {
			if !keys[key] {
				t.Errorf("%s: nothing writes %s", def.name, key)
			}
		}
	}
}
