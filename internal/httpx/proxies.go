package httpx

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/motcua/motcua/core"
)

// Proxies are the networks whose X-Forwarded-For is believed. The zero value
// believes nobody.
type Proxies []netip.Prefix

// ParseProxies reads a comma-separated list of addresses and CIDR prefixes.
// Error: invalid, naming the entry.
func ParseProxies(list string) (Proxies, error) {
	var out Proxies
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		p, err := netip.ParsePrefix(entry)
		if err != nil {
			ip, err2 := netip.ParseAddr(entry)
			if err2 != nil {
				return nil, core.Ef(core.CodeInvalid, "httpx.proxies", "", "%q is neither an address nor a network such as 10.0.0.0/8", entry)
			}
			p = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (p Proxies) contains(ip netip.Addr) bool {
	for _, n := range p {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// ClientIP gives the address a request comes from: that of the connection, or,
// while that is a trusted proxy's, the entry before it in X-Forwarded-For, read
// from the right. An entry that is no address ends the search at the proxy that
// wrote it. The zero Addr means that the connection has no address.
func (p Proxies) ClientIP(r *http.Request) netip.Addr {
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := conn.Addr().Unmap().WithZone("")
	// Several header lines are one list, in order.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.contains(ip); i-- {
		next, ok := parseHop(hops[i])
		if !ok {
			return ip
		}
		ip = next
	}
	return ip
}

// parseHop reads an entry: some proxies add the port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return ip.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

// Wrap gives every request the address of its client as its remote address, so
// that nothing behind needs to know of proxies.
func (p Proxies) Wrap(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ip := p.ClientIP(r); ip.IsValid() && p.Trusted(r) {
			r2 := *r
			r2.RemoteAddr = netip.AddrPortFrom(ip, 0).String()
			r = &r2
		}
		next.ServeHTTP(w, r)
	})
}

// Trusted reports whether the connection itself is a trusted proxy's, which is
// when its other forwarding headers may be read.
func (p Proxies) Trusted(r *http.Request) bool {
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.contains(conn.Addr().Unmap().WithZone(""))
}

// LimitKey gives what limits by address count: an IPv4 address as it is, an IPv6
// address by its /64, which is one customer's.
func LimitKey(ip netip.Addr) string {
	if ip.Is6() && !ip.Is4In6() {
		p, err := ip.Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return ip.Unmap().String()
}

func crossOrigin(cause error) error {
	return core.E(core.CodeDenied, "httpx.origin", "", cause)
}
