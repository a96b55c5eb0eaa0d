package form

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/motcua/motcua/core"
)

// Tri is a truth value that may not be known yet.
type Tri int

// The truth values.
const (
	No Tri = iota
	Maybe
	Yes
)

// String gives "no", "maybe" or "yes".
func (t Tri) String() string { return [...]string{"no", "maybe", "yes"}[t] }

// Facts are the known circumstances by name: FactYes, FactNo or FactUnknown.
type Facts map[string]string

// The bounds of an expression. Loops (macros) are not part of the language
// here, so its greatest cost is known when it is compiled: one that could cost
// more is refused then, and evaluation needs no meter.
const (
	maxExpression = 1000   // characters
	maxCost       = 20_000 // units of CEL's cost model, for the longest answers
	maxAnswer     = 4000   // characters of the longest answer
)

const (
	factPrefix = "facts."
	varToday   = "today"
)

// scope is what expressions of one form, of one item of a list or of one condition
// may name.
type scope struct {
	env     *cel.Env
	index   map[string]int   // field key → position
	sums    map[string]total // name → what is added up
	fields  []*compiled
	list    *repeated              // of which item. is said; nil = none
	checked map[string]*program    // by result type and text
	exprs   map[string]*expression // likewise, by item: fields often share a condition
	next    *int                   // ids of expressions, one row for a form and its lists
	unknown ref.Val
}

// total is a number field of a list, added up over its items.
type total struct {
	list   *repeated
	offset int
}

// newScope declares every field under its dotted key, nullable, with the type
// of its canonical value; the totals of lists; facts.<name> as a string; and today
// as YYYY-MM-DD. Fields inside lists have no name outside.
func newScope(fields []*compiled, lists []*repeated, facts []string) (*scope, error) {
	opts := append(celFunctions(),
		cel.ClearMacros(),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.Variable(varToday, cel.StringType),
	)
	for _, f := range facts {
		opts = append(opts, cel.Variable(factPrefix+f, cel.StringType))
	}
	index := make(map[string]int, len(fields))
	for i, f := range fields {
		index[f.Key] = i
		if f.item == 0 {
			opts = append(opts, cel.Variable(f.Key, celType(f.kind)))
		}
	}
	sums := map[string]total{}
	for _, r := range lists {
		for off := range r.size {
			if c := fields[r.at(1, off)]; c.kind == KindInt {
				name := r.Key + "." + sumName + "." + c.local
				sums[name] = total{r, off}
				opts = append(opts, cel.Variable(name, cel.IntType))
			}
		}
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, "form.compile", "", "the names of the form cannot be declared: %w", err)
	}
	return &scope{
		env: env, index: index, sums: sums, fields: fields, checked: map[string]*program{}, exprs: map[string]*expression{},
		next: new(int), unknown: types.NewUnknown(1, nil),
	}, nil
}

// inside is the scope of the items of a list: what their expressions say of
// item.<name> is compiled once for all of them.
func (s *scope) inside(r *repeated, fields []*compiled) (*scope, error) {
	opts := make([]cel.EnvOption, 0, r.size)
	for off := range r.size {
		c := fields[r.at(1, off)]
		opts = append(opts, cel.Variable(itemPrefix+c.local, celType(c.kind)))
	}
	env, err := s.env.Extend(opts...)
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, "form.compile", "", "the names of the list %s cannot be declared: %w", r.Key, err)
	}
	in := *s
	in.env, in.list, in.checked, in.exprs = env, r, map[string]*program{}, map[string]*expression{}
	return &in, nil
}

func celType(k Kind) *cel.Type {
	switch k {
	case KindInt:
		return cel.NullableType(cel.IntType)
	case KindBool:
		return cel.NullableType(cel.BoolType)
	case KindObject:
		return cel.DynType
	default:
		return cel.NullableType(cel.StringType)
	}
}

// program is a checked CEL expression. It is made ready on first use.
type program struct {
	ast *cel.Ast
	env *cel.Env

	once sync.Once
	prg  cel.Program
	err  error
}

// expression is a program as one field or one item uses it.
type expression struct {
	*program
	id   int       // position among the expressions of its form
	deps []int     // positions of the fields it names, ascending
	list *repeated // of which item. is said; nil = none
	item int
}

// compile parses and checks src for an item of a list, 0 = outside. want is the
// type of the result.
func (s *scope) compile(src string, want *cel.Type, item int) (*expression, error) {
	name := want.String() + " " + src
	p, ok := s.checked[name]
	if !ok {
		var err error
		if p, err = s.check(src, want); err != nil {
			return nil, err
		}
		s.checked[name] = p
	}
	own := false
	var deps []int
	for _, r := range p.ast.NativeRep().ReferenceMap() {
		if local, ok := strings.CutPrefix(r.Name, itemPrefix); ok && s.list != nil {
			own = true
			deps = append(deps, s.list.at(item, s.list.local[local]))
		} else if sum, ok := s.sums[r.Name]; ok {
			for n := 1; n <= sum.list.Repeat.Max; n++ {
				deps = append(deps, sum.list.at(n, sum.offset))
			}
		} else if i, ok := s.index[r.Name]; ok {
			deps = append(deps, i)
		}
	}
	if !own {
		item = 0 // the same for every item
	}
	name += " " + strconv.Itoa(item)
	if e, ok := s.exprs[name]; ok {
		return e, nil
	}
	slices.Sort(deps)
	e := &expression{program: p, id: *s.next, deps: slices.Compact(deps), list: s.list, item: item}
	*s.next++
	s.exprs[name] = e
	return e, nil
}

func (s *scope) check(src string, want *cel.Type) (*program, error) {
	ast, iss := s.env.Compile(src)
	if err := iss.Err(); err != nil {
		return nil, errors.New(celMessage(iss))
	}
	if got := ast.OutputType(); !got.IsAssignableType(want) && !want.IsAssignableType(got) && !got.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("the result is %s, expected %s", got, want)
	}
	if cost, err := s.env.EstimateCost(ast, sizes{}); err != nil || cost.Max > maxCost {
		return nil, fmt.Errorf("the expression may cost %d units, at most %d are allowed", cost.Max, maxCost)
	}
	return &program{ast: ast, env: s.env}, nil
}

// sizes tells CEL how long answers can be.
type sizes struct{}

// EstimateSize implements checker.CostEstimator.
func (sizes) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Min: 0, Max: maxAnswer}
}

// EstimateCallCost implements checker.CostEstimator: our functions read short
// texts, as CEL assumes of a function it does not know.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// celMessage makes one short line of what CEL found.
func celMessage(iss *cel.Issues) string {
	var out []string
	for _, e := range iss.Errors() {
		m := strings.TrimSuffix(strings.TrimPrefix(e.Message, "Syntax error: "), " (in container '')")
		out = append(out, fmt.Sprintf("column %d: %s", e.Location.Column()+1, m))
	}
	return strings.Join(slices.Compact(out), "; ")
}

func (p *program) ready() (cel.Program, error) {
	p.once.Do(func() {
		p.prg, p.err = p.env.Program(p.ast, cel.EvalOptions(cel.OptOptimize))
	})
	return p.prg, p.err
}

// eval runs the expression. A value that is not known yet makes the result
// unknown; an error (a function of null) makes it null.
func (e *expression) eval(a *values) ref.Val {
	prg, err := e.ready()
	if err != nil {
		return types.NullValue
	}
	a.of = e
	v, _, err := prg.Eval(a)
	if err != nil || v == nil {
		return types.NullValue
	}
	return v
}

func triOf(v ref.Val) Tri {
	switch {
	case types.IsUnknown(v):
		return Maybe
	case v == types.True:
		return Yes
	}
	return No
}

// values is the activation of expressions: what is known about the fields.
type values struct {
	scope *scope
	memo  []ref.Val // results by expression, valid while nothing is supposed
	vals  []ref.Val // by position; unknown while a question is open
	facts Facts
	today string
	of    *expression // being evaluated
	// openFacts makes a fact that is not yes or no unknown (conditions of
	// papers); otherwise it is the string "unknown" (conditions of fields).
	openFacts bool
	// one field may be looked at as if it had another value
	supposed int // position, -1 = none
	value    ref.Val
}

var _ cel.Activation = (*values)(nil)

// eval runs an expression, once for the same values. That is sound while a form
// is resolved, too: an expression names only fields settled before its first use.
func (v *values) eval(e *expression) ref.Val {
	if v.memo == nil || v.supposed >= 0 {
		return e.eval(v)
	}
	if v.memo[e.id] == nil {
		v.memo[e.id] = e.eval(v)
	}
	return v.memo[e.id]
}

// ResolveName implements cel.Activation.
func (v *values) ResolveName(name string) (any, bool) {
	if local, ok := strings.CutPrefix(name, itemPrefix); ok && v.of.list != nil {
		return v.at(v.of.list.at(v.of.item, v.of.list.local[local])), true
	}
	if i, ok := v.scope.index[name]; ok {
		return v.at(i), true
	}
	if t, ok := v.scope.sums[name]; ok {
		return v.sum(t), true
	}
	if f, ok := strings.CutPrefix(name, factPrefix); ok {
		switch s := v.facts[f]; {
		case s == FactYes || s == FactNo:
			return types.String(s), true
		case v.openFacts:
			return v.scope.unknown, true
		}
		return types.String(FactUnknown), true
	}
	if name == varToday {
		return types.String(v.today), true
	}
	return nil, false
}

// at is what is known about a field.
func (v *values) at(i int) ref.Val {
	switch {
	case i == v.supposed:
		return v.value
	case i >= len(v.vals) || v.vals[i] == nil:
		return v.scope.unknown
	}
	return v.vals[i]
}

// sum adds up what is known of a number over the items of a list; it is open while
// one of them is.
func (v *values) sum(t total) ref.Val {
	var out types.Int
	for n := 1; n <= t.list.Repeat.Max; n++ {
		switch x := v.at(t.list.at(n, t.offset)).(type) {
		case types.Int:
			if out += x; out > MaxInteger || out < -MaxInteger {
				return types.NewErr("the total is out of range")
			}
		case types.Null: // not there
		default:
			return v.scope.unknown
		}
	}
	return out
}

// Parent implements cel.Activation.
func (v *values) Parent() cel.Activation { return nil }

// celValue turns a canonical value into what expressions see.
func celValue(v any) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case string:
		return types.String(v)
	case int64:
		return types.Int(v)
	case bool:
		return types.Bool(v)
	default:
		return types.DefaultTypeAdapter.NativeToValue(v)
	}
}

// goValue turns the result of an expression into a canonical value; nil when it
// has none.
func goValue(v ref.Val) any {
	switch v := v.(type) {
	case types.String:
		return string(v)
	case types.Int:
		return int64(v)
	case types.Bool:
		return bool(v)
	case traits.Mapper:
		m, err := v.ConvertToNative(reflect.TypeFor[map[string]any]())
		if err != nil {
			return nil
		}
		if n, err := Normal(m); err == nil {
			return n
		}
	}
	return nil
}

// Condition is a compiled condition over the answers of a form and facts, for
// example when a paper is needed.
type Condition struct {
	form  *Form
	scope *scope
	expr  *expression
	facts []string
}

// Conditions compiles conditions over the same names. They share one CEL
// environment: making it costs as much as compiling a hundred conditions.
type Conditions struct {
	form  *Form
	scope *scope
}

// NewConditions declares the fields of a form (nil = none) and named facts. The
// error is core.CodeInvalid when they cannot stand side by side.
func NewConditions(factNames []string, f *Form) (*Conditions, error) {
	var fields []*compiled
	var lists []*repeated
	if f != nil {
		fields, lists = f.fields, f.lists
	}
	s, err := newScope(fields, lists, factNames)
	if err != nil {
		return nil, err
	}
	return &Conditions{form: f, scope: s}, nil
}

// Compile compiles one condition. A name that was not declared, a result that is
// not a boolean and a syntax error are a core.CodeInvalid error whose cause says
// where. It is not safe for concurrent use; what it gives is.
func (c *Conditions) Compile(src string) (*Condition, error) {
	e, err := c.scope.compile(src, cel.BoolType, 0)
	if err != nil {
		return nil, core.Ef(core.CodeInvalid, "form.condition", "", "%w", err)
	}
	cond := &Condition{form: c.form, scope: c.scope, expr: e}
	for _, r := range e.ast.NativeRep().ReferenceMap() {
		if name, ok := strings.CutPrefix(r.Name, factPrefix); ok && !slices.Contains(cond.facts, name) {
			cond.facts = append(cond.facts, name)
		}
	}
	slices.Sort(cond.facts)
	return cond, nil
}

// Facts lists the facts the condition names, sorted.
func (c *Condition) Facts() []string { return slices.Clone(c.facts) }

// Eval tells whether the condition holds. A question that is still open and a
// fact that is not yes or no leave it at Maybe, unless the rest decides. st is a
// state of the form the condition was compiled for, or nil when nothing is
// answered yet.
func (c *Condition) Eval(st *State, facts Facts, now time.Time) Tri {
	a := &values{scope: c.scope, facts: facts, today: civil(now).Format(isoDate), openFacts: true, supposed: -1}
	if st != nil && st.form == c.form {
		a.vals = st.vals
	}
	return triOf(c.expr.eval(a))
}
