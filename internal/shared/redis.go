package shared

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/motcua/motcua/core"
)

// redisTimeout bounds one call: a limit that takes longer to ask than to do
// without is worth nothing.
const redisTimeout = 250 * time.Millisecond

// Redis is the Limiter that all nodes share.
type Redis struct {
	client *redis.Client
	script *redis.Script
	prefix string
}

// OpenRedis connects to a server by URL (redis://…). It does not wait for the
// server: one that is down at the start is used when it comes back. Errors:
// invalid for a URL that is none.
func OpenRedis(url, prefix string) (*Redis, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, core.E(core.CodeInvalid, "shared.open_redis", "", err)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	o.MaxRetries = -1
	return &Redis{client: redis.NewClient(o), script: redis.NewScript(gcra), prefix: prefix}, nil
}

// gcra is decide in Lua, in microseconds of the server's clock, so that nodes
// whose clocks differ count alike. It gives 0 or the wait.
const gcra = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
if tat < now then tat = now end
local next = tat + every
local allow = next - burst * every
if now < allow then return allow - now end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1)
return 0
`

// Take implements Limiter.
func (r *Redis) Take(ctx context.Context, key string, rate Rate) (time.Duration, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	us, err := r.script.Run(ctx, r.client, []string{r.prefix + key}, rate.Every.Microseconds(), rate.Burst).Int64()
	if err != nil {
		return 0, false, core.E(core.CodeUnavailable, "shared.take", "", err)
	}
	return time.Duration(us) * time.Microsecond, us == 0, nil
}

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }
