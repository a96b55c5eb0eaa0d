package simkit

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // sizes of photographs
	_ "image/png"
	"slices"
	"strconv"
	"strings"
)

// telegramTag reports whether parse_mode HTML knows the tag.
func telegramTag(name string) bool {
	switch name {
	case "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "span", "tg-spoiler":
		return true
	}
	return false
}

// telegramHTML resolves parse_mode HTML to the displayed text. It is as strict as
// the real server: an unknown tag, a bare "<", or a wrong nesting is an error.
// Only &lt; &gt; &amp; &quot; and numeric entities are resolved; anything else
// after "&" stays as written.
func telegramHTML(s string) (string, error) {
	var out strings.Builder
	var open []string
	for i := 0; i < len(s); {
		switch s[i] {
		case '&':
			text, n := htmlEntity(s[i:])
			out.WriteString(text)
			i += n
		case '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return "", fmt.Errorf("unclosed start tag at byte offset %d", i)
			}
			tag := s[i+1 : i+end]
			if name, closing := strings.CutPrefix(tag, "/"); closing {
				name = strings.ToLower(strings.TrimSpace(name))
				if len(open) == 0 {
					return "", fmt.Errorf("unexpected end tag at byte offset %d", i)
				}
				if want := open[len(open)-1]; name != "" && name != want {
					return "", fmt.Errorf("unmatched end tag at byte offset %d, expected %q, found %q", i, "</"+want+">", "</"+name+">")
				}
				open = slices.Delete(open, len(open)-1, len(open))
			} else {
				fields := strings.Fields(tag)
				if len(fields) == 0 || !telegramTag(strings.ToLower(fields[0])) {
					return "", fmt.Errorf("unsupported start tag at byte offset %d", i)
				}
				open = append(open, strings.ToLower(fields[0]))
			}
			i += end + 1
		default:
			out.WriteByte(s[i])
			i++
		}
	}
	if len(open) > 0 {
		return "", fmt.Errorf("can't find end tag corresponding to start tag %q", open[len(open)-1])
	}
	return out.String(), nil
}

// htmlEntity resolves the entity at the start of s and gives its length.
func htmlEntity(s string) (string, int) {
	end := strings.IndexByte(s, ';')
	if end < 0 || end > 10 {
		return "&", 1
	}
	switch name := s[1:end]; name {
	case "lt":
		return "<", end + 1
	case "gt":
		return ">", end + 1
	case "amp":
		return "&", end + 1
	case "quot":
		return `"`, end + 1
	default:
		digits, ok := strings.CutPrefix(name, "#")
		if !ok {
			return "&", 1
		}
		base := 10
		if hex, isHex := strings.CutPrefix(strings.ToLower(digits), "x"); isHex {
			digits, base = hex, 16
		}
		n, err := strconv.ParseInt(digits, base, 32)
		if err != nil || n <= 0 || n > 0x10ffff {
			return "&", 1
		}
		return string(rune(n)), end + 1
	}
}

// imageSize reads width and height from the head of a picture; 0, 0 when it is
// none that Go reads.
func imageSize(data []byte) (width, height int) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0
	}
	return cfg.Width, cfg.Height
}
