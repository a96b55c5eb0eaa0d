package obs

import (
	"encoding/json"
	"io"
	"log/slog"
	"time"
)

// NewLogger makes the program's logger: JSON lines {ts, level, msg, …} with UTC
// times. What r knows is taken out of messages, texts, errors and any other
// value.
func NewLogger(w io.Writer, level slog.Leveler, r *Redactor) *slog.Logger {
	return slog.New(NewHandler(w, level, r))
}

// NewHandler makes the handler of NewLogger.
func NewHandler(w io.Writer, level slog.Leveler, r *Redactor) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
				return slog.String("ts", a.Value.Time().UTC().Format(time.RFC3339Nano))
			}
			if SensitiveKey(a.Key) {
				return slog.String(a.Key, "[redacted]")
			}
			for _, g := range groups {
				if SensitiveKey(g) {
					return slog.String(a.Key, "[redacted]")
				}
			}
			return slog.Attr{Key: r.Text(a.Key), Value: r.value(a.Value)}
		},
	})
}

// value redacts a value, which slog has resolved. A value that panics when it is
// asked for its text (a nil pointer as an error) must not take the program down.
func (r *Redactor) value(v slog.Value) (out slog.Value) {
	defer func() {
		if recover() != nil {
			out = slog.StringValue("[unprintable]")
		}
	}()
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(r.Text(v.String()))
	case slog.KindAny:
		switch x := v.Any().(type) {
		case slog.Level, *slog.Source:
			return v
		case error:
			return slog.StringValue(r.Text(x.Error()))
		case []byte:
			return slog.StringValue("[bytes]")
		default:
			return r.foreign(x)
		}
	default:
		return v
	}
}

// foreign writes any other value as JSON, and as a text when redaction changed
// it: the result may be no JSON any more.
func (r *Redactor) foreign(x any) slog.Value {
	b, err := json.Marshal(x)
	if err != nil {
		// The error could quote the value.
		return slog.StringValue("[unprintable]")
	}
	if s := r.Text(string(b)); s != string(b) {
		return slog.StringValue(s)
	}
	return slog.AnyValue(json.RawMessage(b))
}
