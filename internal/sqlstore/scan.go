package sqlstore

import (
	"fmt"
	"time"
)

// The destinations of Scan. Each takes a NULL as the zero value, so that the
// same list of destinations serves a plain read and a left join. The types have
// the layout of what they fill in: (*text)(&d.ID) needs no copy.
type (
	text   string
	number int64
	count  int
	flag   bool
	octets []byte
	stamp  time.Time // UTC microseconds; 0 = the zero time
)

// row is one row of a result.
type row interface{ Scan(dest ...any) error }

func (t *text) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*t = text(v)
	case []byte:
		*t = text(v)
	case nil:
		*t = ""
	default:
		return scanError(src, "text")
	}
	return nil
}

func (n *number) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*n = number(v)
	case nil:
		*n = 0
	default:
		return scanError(src, "number")
	}
	return nil
}

func (c *count) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*c = count(v)
	case nil:
		*c = 0
	default:
		return scanError(src, "count")
	}
	return nil
}

func (f *flag) Scan(src any) error {
	switch v := src.(type) {
	case bool:
		*f = flag(v)
	case int64:
		*f = v != 0
	case nil:
		*f = false
	default:
		return scanError(src, "flag")
	}
	return nil
}

func (o *octets) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		*o = append(octets(nil), v...)
	case nil:
		*o = nil
	default:
		return scanError(src, "octets")
	}
	return nil
}

func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*s = stamp(instant(v))
	case nil:
		*s = stamp{}
	default:
		return scanError(src, "stamp")
	}
	return nil
}

func scanError(src any, want string) error {
	return fmt.Errorf("sqlstore: a %T where a %s was expected", src, want)
}

// micros is how an instant is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is what micros stored.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
