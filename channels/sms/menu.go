package sms

import (
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// Segment is the room of one message in septets.
const Segment = gsmSingle

// Room is the room of a message of n segments in septets.
func Room(n int) int {
	if n <= 1 {
		return Segment
	}
	return n * gsmPart
}

// shortestLabel is the length below which a cut label no longer says what it is.
const shortestLabel = 10

// Menu writes body, then the options numbered from 1, then the tail (what else a
// person may reply), in plain ASCII within budget septets. When there is too
// little room the tail goes first, then labels are shortened evenly. fits is
// false when even that was not enough; the text is then whole and takes more
// than one segment, because a cut question is worse than a second segment.
func Menu(body string, options []string, tail string, budget int) (s string, fits bool) {
	body = oneLine(body)
	tail = oneLine(tail)
	labels := make([]string, len(options))
	longest := 0
	for i, o := range options {
		labels[i] = oneLine(o)
		longest = max(longest, len(labels[i]))
	}
	full := menu(body, labels, tail)
	if within(full, budget) {
		return full, true
	}
	if short := menu(body, labels, ""); within(short, budget) {
		return short, true
	}
	for room := longest - 1; room >= shortestLabel; room-- {
		cut := make([]string, len(labels))
		for i, l := range labels {
			cut[i] = text.Cut(l, room)
		}
		if distinct(cut) {
			if s := menu(body, cut, ""); within(s, budget) {
				return s, true
			}
		}
	}
	return full, false
}

// Behind gives what Menu wrote behind a body.
func Behind(s, body string) string { return strings.TrimPrefix(s, oneLine(body)) }

func menu(body string, labels []string, tail string) string {
	var b strings.Builder
	b.WriteString(body)
	for i, l := range labels {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(i + 1))
		b.WriteByte(' ')
		b.WriteString(l)
	}
	if tail != "" {
		if n := b.Len(); n > 0 && !strings.ContainsAny(b.String()[n-1:], ".:?") {
			b.WriteByte('.')
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(tail)
	}
	return b.String()
}

func within(s string, budget int) bool {
	n, ok := text.Septets(s)
	return ok && n <= budget
}

// distinct reports whether no two labels became the same.
func distinct(labels []string) bool {
	seen := map[string]bool{}
	for _, l := range labels {
		if seen[l] {
			return false
		}
		seen[l] = true
	}
	return true
}

func oneLine(s string) string { return strings.Join(strings.Fields(text.Plain(s)), " ") }
