package gate

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// fail makes the error a client gets of err. A Connect error of the library
// itself stays what it is; see Explain.
func (g *Gate) fail(ctx context.Context, op string, err error) error {
	var foreign *connect.Error
	if errors.As(err, &foreign) {
		return err
	}
	var e *core.Error
	if !errors.As(err, &e) {
		e = asCore(ctx, err)
	}
	locale := callOf(ctx).locale
	d := &corev1.ErrorDetail{Code: string(e.Code), Key: g.key(e)}
	d.Message = g.Texts.Text(locale, text.Screen, d.Key, e.Args)
	for _, f := range e.Fields {
		d.Fields = append(d.Fields, &corev1.FieldError{Field: f.Field, Key: f.Key, Message: g.Violation(locale, f)})
	}
	if e.Key == "" && len(e.Fields) == 1 && d.Key == e.Fields[0].Key {
		d.Message = d.Fields[0].Message // the only thing that is wrong, with its own figures
	}
	if e.RetryAfter > 0 {
		d.RetryAfter = durationpb.New(e.RetryAfter)
	}
	if e.Code == core.CodeInternal || e.Code == core.CodeUnavailable {
		d.SupportId = supportID()
		g.Log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("op", op), slog.String("support", d.SupportId), slog.String("error", err.Error()))
	}
	out := connect.NewError(connectCode(e.Code), errors.New(d.Key))
	if e.RetryAfter > 0 {
		out.Meta().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	out.Meta().Set("Cache-Control", "no-store")
	if detail, err := connect.NewErrorDetail(d); err == nil {
		out.AddDetail(detail)
	}
	return out
}

// Violation writes why a value is not taken. Rules of a form bring their words.
func (g *Gate) Violation(l text.Locale, v core.Violation) string {
	if words := v.Args[l]; v.Key == "field.rule" && words != "" {
		return words
	}
	return g.Texts.Text(l, text.Screen, v.Key, v.Args)
}

// key is the message of e: its own, or the one of its code when the catalogue
// does not know it.
func (g *Gate) key(e *core.Error) string {
	if e.Key != "" && g.Texts.Has(e.Key) {
		return e.Key
	}
	if e.Key == "" && len(e.Fields) == 1 && g.Texts.Has(e.Fields[0].Key) {
		return e.Fields[0].Key
	}
	return "error." + string(e.Code)
}

// asCore reads an error of no layer of ours.
func asCore(ctx context.Context, err error) *core.Error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || ctx.Err() != nil {
		return core.E(core.CodeUnavailable, "gate.fail", "", err)
	}
	return core.E(core.CodeInternal, "gate.fail", "", err)
}

func supportID() string {
	id := core.NewID(core.SystemClock{}.Now())
	return string(id[len(id)-8:])
}

func connectCode(c core.Code) connect.Code {
	switch c {
	case core.CodeInvalid, core.CodeUnsupported:
		return connect.CodeInvalidArgument
	case core.CodeUnauthenticated:
		return connect.CodeUnauthenticated
	case core.CodeDenied:
		return connect.CodePermissionDenied
	case core.CodeNotFound:
		return connect.CodeNotFound
	case core.CodeDuplicate:
		return connect.CodeAlreadyExists
	case core.CodeConflict:
		return connect.CodeAborted
	case core.CodeFailedPrecondition:
		return connect.CodeFailedPrecondition
	case core.CodeRateLimited, core.CodeTooLarge:
		return connect.CodeResourceExhausted
	case core.CodeUnavailable:
		return connect.CodeUnavailable
	case core.CodeUnimplemented:
		return connect.CodeUnimplemented
	}
	return connect.CodeInternal
}
