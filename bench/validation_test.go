package main

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
)

// The declaration that is validated three ways: fifteen fields, two of them with a
// condition, which only the form knows; the schema and the message say types,
// lengths, patterns and what is required.

func both(s string) form.Text { return form.Text{VI: s, EN: s} }

func fifteen(t testing.TB) *form.Form {
	t.Helper()
	yes := []form.Option{{Value: "single", VI: "Chưa", EN: "Single"}, {Value: "divorced", VI: "Ly hôn", EN: "Divorced"}}
	fields := []form.Field{
		{Key: "fullName", Type: "person_name", Required: true}, {Key: "personalId", Type: "personal_id", Required: true},
		{Key: "birthDate", Type: "date", Max: "today", Required: true}, {Key: "phone", Type: "phone", Required: true},
		{Key: "email", Type: "email"}, {Key: "status", Type: "select", Options: yes, Required: true},
		{Key: "decree", Type: "text", Max: "50", Required: true, When: "status == 'divorced'"},
		{Key: "decreeDate", Type: "date", Max: "today", Required: true, When: "status == 'divorced'"},
		{Key: "copies", Type: "integer", Min: "1", Max: "50", Required: true}, {Key: "income", Type: "money", Min: "0"},
		{Key: "abroad", Type: "boolean", Required: true}, {Key: "account", Type: "bank_account"},
		{Key: "purpose", Type: "text", Max: "200", Required: true}, {Key: "note", Type: "longtext"}, {Key: "issued", Type: "partial_date"},
	}
	for i := range fields {
		fields[i].Label = both("Cau " + strconv.Itoa(i+1))
	}
	f, issues := form.Compile(form.Definition{ID: "fifteen", Version: "1", Title: both("Mười lăm"),
		Groups: []form.Group{{Key: "all", Title: both("Tất cả"), Fields: fields}}}, form.Refs{})
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	return f
}

// given is one declaration that all three accept.
func given() map[string]any {
	return map[string]any{
		"fullName": "TRẦN THỊ MAI", "personalId": "079190001234", "birthDate": "1990-09-04", "phone": "+84901234567", "email": "mai@example.vn",
		"status": "divorced", "decree": "12/2023/QĐST-HNGĐ", "decreeDate": "2023-11-20", "copies": int64(2), "income": int64(12_000_000),
		"abroad": false, "account": "0071000123456", "purpose": "vay vốn ngân hàng", "note": "Không có", "issued": "2021-05",
	}
}

func answers(values map[string]any) form.Answers {
	a := form.Answers{}
	for k, v := range values {
		a[k] = core.DraftAnswer{Value: v, Author: "citizen"}
	}
	return a
}

func schemaOf(t testing.TB, f *form.Form) *jsonschema.Schema {
	t.Helper()
	doc, err := form.Canonical(f.JSONSchema())
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("fifteen.json", v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("fifteen.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instance(t testing.TB, values map[string]any) any {
	t.Helper()
	b, err := form.Canonical(values)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// rule is a protovalidate rule of a field.
func rule(r *validate.FieldRules) *descriptorpb.FieldOptions {
	o := &descriptorpb.FieldOptions{}
	proto.SetExtension(o, validate.E_Field, r)
	return o
}

func matches(pattern string) *descriptorpb.FieldOptions {
	return rule(&validate.FieldRules{Type: &validate.FieldRules_String_{String_: &validate.StringRules{Pattern: &pattern}}})
}

func length(least, most uint64) *descriptorpb.FieldOptions {
	return rule(&validate.FieldRules{Type: &validate.FieldRules_String_{String_: &validate.StringRules{MinLen: &least, MaxLen: &most}}})
}

func within(least, most int64) *descriptorpb.FieldOptions {
	return rule(&validate.FieldRules{Type: &validate.FieldRules_Int64{Int64: &validate.Int64Rules{
		GreaterThan: &validate.Int64Rules_Gte{Gte: least}, LessThan: &validate.Int64Rules_Lte{Lte: most},
	}}})
}

// messageType is the declaration as a message with the rules of the schema.
func messageType(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	day := `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	email := true
	msg := &descriptorpb.DescriptorProto{Name: proto.String("Declaration")}
	for i, f := range []struct {
		name string
		typ  descriptorpb.FieldDescriptorProto_Type
		opts *descriptorpb.FieldOptions
	}{
		{"fullName", descriptorpb.FieldDescriptorProto_TYPE_STRING, length(2, 100)}, {"personalId", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches("^[0-9]{12}$")},
		{"birthDate", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches(day)}, {"phone", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches(`^\+84[35789][0-9]{8}$`)},
		{"email", descriptorpb.FieldDescriptorProto_TYPE_STRING, rule(&validate.FieldRules{Type: &validate.FieldRules_String_{String_: &validate.StringRules{WellKnown: &validate.StringRules_Email{Email: email}}}})},
		{"status", descriptorpb.FieldDescriptorProto_TYPE_STRING, rule(&validate.FieldRules{Type: &validate.FieldRules_String_{String_: &validate.StringRules{In: []string{"single", "divorced"}}}})},
		{"decree", descriptorpb.FieldDescriptorProto_TYPE_STRING, length(0, 50)}, {"decreeDate", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches(day)},
		{"copies", descriptorpb.FieldDescriptorProto_TYPE_INT64, within(1, 50)}, {"income", descriptorpb.FieldDescriptorProto_TYPE_INT64, within(0, form.MaxInteger)},
		{"abroad", descriptorpb.FieldDescriptorProto_TYPE_BOOL, nil}, {"account", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches("^[0-9]{6,19}$")},
		{"purpose", descriptorpb.FieldDescriptorProto_TYPE_STRING, length(1, 200)}, {"note", descriptorpb.FieldDescriptorProto_TYPE_STRING, length(0, 2000)},
		{"issued", descriptorpb.FieldDescriptorProto_TYPE_STRING, matches("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")},
	} {
		msg.Field = append(msg.Field, &descriptorpb.FieldDescriptorProto{
			Name: proto.String(f.name), JsonName: proto.String(f.name), Number: proto.Int32(int32(i + 1)), Type: f.typ.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), Options: f.opts,
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("bench/declaration.proto"), Package: proto.String("bench"), Syntax: proto.String("proto3"),
		Dependency: []string{"buf/validate/validate.proto"}, MessageType: []*descriptorpb.DescriptorProto{msg},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().Get(0)
}

func declaration(typ protoreflect.MessageDescriptor, values map[string]any) proto.Message {
	m := dynamicpb.NewMessage(typ)
	for k, v := range values {
		m.Set(typ.Fields().ByName(protoreflect.Name(k)), protoreflect.ValueOf(v))
	}
	return m
}

func validatorOf(t testing.TB, typ protoreflect.MessageDescriptor) protovalidate.Validator {
	t.Helper()
	v, err := protovalidate.New(protovalidate.WithMessageDescriptors(typ), protovalidate.WithDisableLazy())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// now is the instant of the benchmark.
func instant() time.Time { return time.Date(2026, 11, 12, 9, 0, 0, 0, core.City) }

// All three take the declaration and refuse each of the same defects, so that they
// do the same work.
func TestValidatorsAgree(t *testing.T) {
	t.Parallel()
	f, typ := fifteen(t), messageType(t)
	s, v := schemaOf(t, f), validatorOf(t, typ)
	judge := func(name string, values map[string]any, want bool) {
		t.Helper()
		ours := len(f.Resolve(answers(values), nil, instant()).Validate()) == 0
		schema := s.Validate(instance(t, values)) == nil
		pb := v.Validate(declaration(typ, values)) == nil
		if ours != want || schema != want || pb != want {
			t.Errorf("%s: form %v, jsonschema %v, protovalidate %v, want %v", name, ours, schema, pb, want)
		}
	}
	judge("good", given(), true)
	for key, bad := range map[string]any{
		"personalId": "07919", "birthDate": "4/9/1990", "phone": "0901234567", "status": "married", "copies": int64(51),
		"account": "12", "purpose": "", "issued": "5/2021", "fullName": "X",
	} {
		values := given()
		values[key] = bad
		judge(key, values, false)
	}
}

func BenchmarkValidateForm(b *testing.B) {
	f, a := fifteen(b), answers(given())
	if bad := f.Resolve(a, nil, instant()).Validate(); len(bad) > 0 {
		b.Fatal(bad)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = f.Resolve(a, nil, instant()).Validate()
	}
}

func BenchmarkValidateJSONSchema(b *testing.B) {
	s, v := schemaOf(b, fifteen(b)), instance(b, given())
	if err := s.Validate(v); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Validate(v)
	}
}

func BenchmarkValidateProtovalidate(b *testing.B) {
	typ := messageType(b)
	v, m := validatorOf(b, typ), declaration(typ, given())
	if err := v.Validate(m); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Validate(m)
	}
}
