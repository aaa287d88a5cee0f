package patterns

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Field is one value taken out of a record.
type Field struct {
	Name  string // of the field vocabulary
	Value string // as printed
}

// Fields are the values of one event in the order in which the record names
// them. Names do not repeat.
type Fields []Field

// Get returns the value of that name, and "" when there is none.
func (f Fields) Get(name string) string {
	for i := range f {
		if f[i].Name == name {
			return f[i].Value
		}
	}
	return ""
}

// Int returns the value of that name as a number, and false when there is
// none or it is not one.
func (f Fields) Int(name string) (int64, bool) {
	v := f.Get(name)
	if v == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(v, "+"), 10, 64)
	return n, err == nil
}

// With returns f with name set to value.
func (f Fields) With(name, value string) Fields {
	for i := range f {
		if f[i].Name == name {
			g := append(Fields(nil), f...)
			g[i].Value = value
			return g
		}
	}
	return append(f[:len(f):len(f)], Field{name, value})
}

// MarshalJSON writes an object; fields whose vocabulary says number become
// JSON numbers where they are one.
func (f Fields) MarshalJSON() ([]byte, error) {
	buf := append(make([]byte, 0, 64), '{')
	for i, field := range f {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = strconv.AppendQuote(buf, field.Name)
		buf = append(buf, ':')
		if fieldVocabulary[field.Name] == numberField {
			if n, ok := f.Int(field.Name); ok {
				buf = strconv.AppendInt(buf, n, 10)
				continue
			}
		}
		text, err := json.Marshal(field.Value)
		if err != nil {
			return nil, err
		}
		buf = append(buf, text...)
	}
	return append(buf, '}'), nil
}

type fieldKind uint8

const (
	noField fieldKind = iota
	textField
	numberField
)

// FieldNames returns the field vocabulary: the names of text fields and those
// of number fields.
func FieldNames() (text, numbers []string) {
	return strings.Fields(textFields), strings.Fields(numberFields)
}

const (
	textFields = "cmd addr from to bssid mld ssid driver bus iface phy chip module func file name image version build text error agent " +
		"type state old new flags address domain severity local"
	numberFields = "seq key errno status reason tu ms seconds try tries link freq aid queue cpu pid count line tid id width tier"
)

var fieldVocabulary = func() map[string]fieldKind {
	kinds := make(map[string]fieldKind)
	for _, n := range strings.Fields(textFields) {
		kinds[n] = textField
	}
	for _, n := range strings.Fields(numberFields) {
		kinds[n] = numberField
	}
	return kinds
}()
