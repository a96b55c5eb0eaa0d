package main

import "strings"

// eventName splits "channel/account/event-id".
func eventName(s string) (channel, account, event string, ok bool) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}
