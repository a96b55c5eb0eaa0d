package catalog

import (
	"encoding/json"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
)

const schemaDir = "../../docs/schema/"

// schemaOf gives the schema that describes a file of a pack.
func schemaOf(file string) string {
	switch dir := path.Dir(file); dir {
	case procedureDir:
		return "procedure"
	case codeDir:
		return "codes"
	case formDir:
		return "form"
	case messageDir + "/vi", messageDir + "/en":
		return "messages"
	default:
		return strings.TrimSuffix(path.Base(file), ".yaml")
	}
}

// Editors that know the schemas must not complain about the pack we ship.
func TestPackFitsSchemas(t *testing.T) {
	t.Parallel()
	files, err := pack.Files(hcmc.Pack())
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	used := map[string]bool{}
	for _, f := range files {
		name := schemaOf(f)
		used[name] = true
		s := compiled[name]
		if s == nil {
			if s, err = jsonschema.NewCompiler().Compile(schemaDir + name + ".json"); err != nil {
				t.Fatal(err)
			}
			compiled[name] = s
		}
		var doc map[string]any
		if err := pack.Decode(hcmc.Pack(), f, &doc); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plainJSON(doc)); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	entries, err := os.ReadDir(schemaDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && !used[name] {
			t.Errorf("%s describes no file of the pack", e.Name())
		}
	}
}

// A schema that accepts anything would be of no help.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.NewCompiler().Compile(schemaDir + "procedure.json")
	if err != nil {
		t.Fatal(err)
	}
	var good map[string]any
	if err := pack.Decode(hcmc.Pack(), "procedures/1.001193.yaml", &good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		"unknown key": func(m map[string]any) { m["colour"] = "red" },
		"missing key": func(m map[string]any) { delete(m, "fee") },
		"bad code":    func(m map[string]any) { m["code"] = "1.1" },
		"bad channel": func(m map[string]any) { m["channels"] = []any{"fax"} },
	} {
		bad := plainJSON(good).(map[string]any)
		change(bad)
		if s.Validate(bad) == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// plainJSON turns YAML's days into the strings they are written as.
func plainJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plainJSON(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainJSON(x)
		}
		return out
	case time.Time:
		return v.Format(time.DateOnly)
	default:
		return v
	}
}

// The schemas and the types that files are read into know the same keys.
func TestSchemasMatchTypes(t *testing.T) {
	t.Parallel()
	for name, typ := range map[string]any{
		"procedure": Procedure{}, "pack": pack.Manifest{}, "wards": wardsFile{}, "old_wards": oldWardsFile{},
		"districts": districtsFile{}, "outside": outsideFile{}, "offices": officesFile{}, "calendar": calendarFile{}, "keywords": keywordsFile{},
		"codes": form.CodeList{}, "form": form.Definition{},
	} {
		data, err := os.ReadFile(schemaDir + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		matchType(t, name, doc, doc, reflect.TypeOf(typ), 0)
	}
}

func matchType(t *testing.T, at string, root, schema map[string]any, typ reflect.Type, depth int) {
	if target, ok := schema["$ref"].(string); ok {
		schema = root["$defs"].(map[string]any)[strings.TrimPrefix(target, "#/$defs/")].(map[string]any)
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case depth > 8: // a limit may hold a limit
	case typ.Kind() == reflect.Slice:
		items, ok := schema["items"].(map[string]any)
		if !ok {
			t.Errorf("%s: the type is a list, the schema is not", at)
			return
		}
		matchType(t, at+"[]", root, items, typ.Elem(), depth+1)
	case typ.Kind() == reflect.Struct && typ != reflect.TypeFor[pack.Date]():
		props, _ := schema["properties"].(map[string]any)
		var keys []string
		for i := range typ.NumField() {
			f := typ.Field(i)
			key, ok := f.Tag.Lookup("yaml")
			if !ok || key == "-" || !f.IsExported() {
				continue
			}
			keys = append(keys, key)
			sub, ok := props[key].(map[string]any)
			if !ok {
				t.Errorf("%s.%s is read but not in the schema", at, key)
				continue
			}
			matchType(t, at+"."+key, root, sub, f.Type, depth+1)
		}
		for key := range props {
			if !slices.Contains(keys, key) {
				t.Errorf("%s.%s is in the schema but not read", at, key)
			}
		}
	}
}
