package shared

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/motcua/motcua/core"
)

// redisTimeout bounds one call: what takes longer to ask than to do without is
// worth nothing.
const redisTimeout = 250 * time.Millisecond

// Redis is the Limiter, Presence, Cache and Fanout that all nodes share. Times are
// those of the server's clock, so that nodes whose clocks differ agree.
type Redis struct {
	client                 *redis.Client
	gcra, beat, whoPresent *redis.Script
	prefix                 string
	id                     []byte // of this connection, to know its own messages again

	bus    bus
	listen sync.Once
	pubsub *redis.PubSub
	done   chan struct{} // closed when listening ended
}

var (
	_ Limiter  = (*Redis)(nil)
	_ Presence = (*Redis)(nil)
	_ Cache    = (*Redis)(nil)
	_ Fanout   = (*Redis)(nil)
)

// OpenRedis connects to a server by URL (redis://…). It does not wait for the
// server: one that is down at the start is used when it comes back. Keys and
// topics begin with prefix. Errors: invalid for a URL that is none.
func OpenRedis(url, prefix string) (*Redis, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, core.E(core.CodeInvalid, "shared.open_redis", "", err)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	o.MaxRetries, o.DialerRetries = -1, 1
	return &Redis{
		client: redis.NewClient(o), prefix: prefix, id: []byte(core.NewID(core.SystemClock{}.Now())),
		gcra: redis.NewScript(gcraScript), beat: redis.NewScript(beatScript), whoPresent: redis.NewScript(presentScript),
	}, nil
}

// gcraScript is decide in Lua, in microseconds. It gives 0 or the wait.
const gcraScript = `
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

// beatScript keeps a group as a sorted set of members by the millisecond until
// which each is there; the set goes when the last of them does.
const beatScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ttl = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ttl, ARGV[1])
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
return 1
`

const presentScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
table.sort(all)
return all
`

// failed makes the error of a call.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return core.E(core.CodeUnavailable, op, "", err)
}

// Take implements Limiter.
func (r *Redis) Take(ctx context.Context, key string, rate Rate) (time.Duration, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	us, err := r.gcra.Run(ctx, r.client, []string{r.prefix + "limit:" + key}, rate.Every.Microseconds(), rate.Burst).Int64()
	if err != nil {
		return 0, false, failed("shared.take", err)
	}
	return time.Duration(us) * time.Microsecond, us == 0, nil
}

// Beat implements Presence.
func (r *Redis) Beat(ctx context.Context, group, member string, ttl time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return failed("shared.beat", r.beat.Run(ctx, r.client, []string{r.prefix + "present:" + group}, member, ttl.Milliseconds()).Err())
}

// Present implements Presence.
func (r *Redis) Present(ctx context.Context, group string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	members, err := r.whoPresent.Run(ctx, r.client, []string{r.prefix + "present:" + group}).StringSlice()
	return members, failed("shared.present", err)
}

// Get implements Cache.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	v, err := r.client.Get(ctx, r.prefix+"cache:"+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return v, err == nil, failed("shared.get", err)
}

// Set implements Cache.
func (r *Redis) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := fits(value); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return failed("shared.set", r.client.Set(ctx, r.prefix+"cache:"+key, value, ttl).Err())
}

// Delete implements Cache.
func (r *Redis) Delete(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return failed("shared.delete", r.client.Del(ctx, r.prefix+"cache:"+key).Err())
}

// Publish implements Fanout. A message travels behind the id of its sender, who
// has delivered it already.
func (r *Redis) Publish(ctx context.Context, topic string, message []byte) error {
	r.bus.deliver(topic, message)
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	envelope := append(append(bytes.Clone(r.id), ' '), message...)
	return failed("shared.publish", r.client.Publish(ctx, r.prefix+"topic:"+topic, envelope).Err())
}

// Subscribe implements Fanout. The connection is made again whenever it is lost.
func (r *Redis) Subscribe(topic string, fn func([]byte)) {
	r.bus.subscribe(topic, fn)
	r.listen.Do(func() {
		r.pubsub = r.client.PSubscribe(context.Background(), r.prefix+"topic:*")
		r.done = make(chan struct{})
		go r.hear(r.pubsub.Channel())
	})
}

func (r *Redis) hear(messages <-chan *redis.Message) {
	defer close(r.done)
	for m := range messages {
		sender, message, ok := strings.Cut(m.Payload, " ")
		if !ok || sender == string(r.id) {
			continue
		}
		r.bus.deliver(strings.TrimPrefix(m.Channel, r.prefix+"topic:"), []byte(message))
	}
}

// Close ends the connections and waits for the last subscriber's call.
func (r *Redis) Close() error {
	var err error
	r.listen.Do(func() {}) // nobody listens from here on
	if r.pubsub != nil {
		err = r.pubsub.Close()
		<-r.done
	}
	return errors.Join(err, r.client.Close())
}
