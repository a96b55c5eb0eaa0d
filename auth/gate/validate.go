package gate

import (
	"errors"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	"github.com/motcua/motcua/core"
)

// check validates a request by the rules of its proto file and, for a call with
// an Idempotency-Key, hashes it. A language the request names is the language of
// its answer.
func (g *Gate) check(c *call, msg any) error {
	const op = "gate.check"
	m, ok := msg.(proto.Message)
	if !ok {
		return core.Ef(core.CodeInternal, op, "", "request is a %T", msg)
	}
	err := g.validator.Validate(m)
	var invalid *protovalidate.ValidationError
	switch {
	case errors.As(err, &invalid):
		return core.Invalid(op, violations(invalid)...)
	case err != nil:
		return core.E(core.CodeInternal, op, "", err)
	}
	if l, ok := msg.(interface{ GetLocale() string }); ok && l.GetLocale() != "" {
		c.locale = l.GetLocale()
	}
	if c.key == "" {
		return nil
	}
	c.hash, err = bodyHash(m)
	return err
}

// violations names the wrong fields. The English sentences of the rules stay
// behind; a client shows ours.
func violations(e *protovalidate.ValidationError) []core.Violation {
	out := make([]core.Violation, 0, len(e.Violations))
	for _, v := range e.Violations {
		field := protovalidate.FieldPathString(v.Proto.GetField())
		if field == "" {
			field = "request"
		}
		violation := core.Violation{Field: field, Key: ruleKey(v.Proto.GetRuleId())}
		if violation.Key == keyTooLong && v.RuleValue.IsValid() {
			violation.Args = map[string]string{"max": v.RuleValue.String()}
		}
		out = append(out, violation)
	}
	return out
}

const keyTooLong = "field.tooLong"

// ruleKey maps the id of a rule to a message.
func ruleKey(rule string) string {
	switch rule {
	case "required", "message.oneof", "string.min_len", "bytes.min_len", "repeated.min_items", "bool.const":
		return "field.required"
	case "string.max_len", "repeated.max_items":
		return keyTooLong
	case "bytes.max_len":
		return "error.too_large"
	}
	return "field.type"
}
