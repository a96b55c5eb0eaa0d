package obs

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the program's metrics, all with the prefix motcua_. A nil *Metrics
// counts nothing, so that tests need none. Safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	redactor *Redactor

	inbound, outbound, segments, rejected, notUnderstood, handover, moved,
	searches, submitted, paperBytes, verdicts, denied, parked *prometheus.CounterVec
	reply, delivery                      *prometheus.HistogramVec
	jobDepth, jobOldest                  *prometheus.GaugeVec
	spoolDepth, spoolOldest, spoolParked *prometheus.GaugeVec
	kioskSeen, buildsInfo                *prometheus.GaugeVec
}

// NewMetrics makes a registry of its own: nothing is registered globally.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), redactor: NewRedactor()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "motcua", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "motcua", Name: name, Help: help}, labels)
		m.registry.MustRegister(g)
		return g
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "motcua", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.inbound = counter("channel_inbound_total", "Events received from a channel.", "channel", "kind", "result")
	m.outbound = counter("channel_outbound_total", "Messages handed to a channel's provider.", "channel", "template", "result")
	m.segments = counter("channel_outbound_segments_total", "SMS segments handed to a provider.", "provider", "template")
	m.rejected = counter("webhook_rejected_total", "Webhook requests refused at the door.", "channel", "reason")
	m.notUnderstood = counter("not_understood_total", "Messages of citizens that were not understood.", "channel")
	m.searches = counter("search_total", "Searches for a procedure, and what came of them.", "channel", "result")
	m.handover = counter("human_handover_total", "Conversations handed to an officer.", "channel")
	m.moved = counter("handover_channel_total", "Drafts moved from one channel to another.", "from", "to")
	m.submitted = counter("dossier_submitted_total", "Dossiers submitted.", "channel", "procedure")
	m.paperBytes = counter("attachment_bytes_total", "Bytes of papers received.", "channel")
	m.verdicts = counter("attachment_verdict_total", "Verdicts on pages received.", "verdict", "reason")
	m.denied = counter("authz_denied_total", "Operations refused by the policy.", "operation")
	m.parked = counter("parked_total", "Events and jobs parked for an operator.", "kind")
	m.reply = histogram("reply_seconds", "From receiving an event to handing the reply to the provider.",
		[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "channel")
	m.delivery = histogram("channel_delivery_seconds", "From handing a message over to the provider's word that it arrived.",
		[]float64{.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}, "channel")
	m.jobDepth = gauge("outbox_depth", "Jobs that wait.", "queue")
	m.jobOldest = gauge("outbox_oldest_seconds", "Age of the oldest job that is due.", "queue")
	m.spoolDepth = gauge("spool_depth", "Entries of this node's spool that wait for the database.", "account")
	m.spoolOldest = gauge("spool_oldest_seconds", "Age of the oldest entry of the spool.", "account")
	m.spoolParked = gauge("spool_parked", "Entries of the spool put aside, and places of it that cannot be read.", "account")
	m.kioskSeen = gauge("kiosk_last_seen_timestamp_seconds", "When a terminal was last heard of, as Unix time.", "kiosk")
	m.buildsInfo = gauge("build_info", "1, with the version of the program.", "version")
	m.buildsInfo.WithLabelValues(version).Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics in the text format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// label keeps personal data and endless values out of labels.
func (m *Metrics) label(v string) string {
	if len(v) > 64 || m.redactor.Text(v) != v {
		return "refused"
	}
	return v
}

func (m *Metrics) add(c *prometheus.CounterVec, n float64, labels ...string) {
	for i := range labels {
		labels[i] = m.label(labels[i])
	}
	c.WithLabelValues(labels...).Add(n)
}

// Inbound counts an event received; kind is the event's, result is for example
// "done", "duplicate", "ignored" or "parked".
func (m *Metrics) Inbound(channel, kind, result string) {
	if m != nil {
		m.add(m.inbound, 1, channel, kind, result)
	}
}

// Outbound counts a message handed over; template is its message key.
func (m *Metrics) Outbound(channel, template, result string) {
	if m != nil {
		m.add(m.outbound, 1, channel, template, result)
	}
}

// Segments counts the segments of an SMS handed over.
func (m *Metrics) Segments(provider, template string, n int) {
	if m != nil {
		m.add(m.segments, float64(max(n, 0)), provider, template)
	}
}

// WebhookRejected counts a request refused at the door.
func (m *Metrics) WebhookRejected(channel, reason string) {
	if m != nil {
		m.add(m.rejected, 1, channel, reason)
	}
}

// NotUnderstood counts a message that led nowhere.
func (m *Metrics) NotUnderstood(channel string) {
	if m != nil {
		m.add(m.notUnderstood, 1, channel)
	}
}

// Searched counts what came of a search for a procedure: "found", "none", "picked" or
// "abandoned".
func (m *Metrics) Searched(channel, result string) {
	if m != nil {
		m.add(m.searches, 1, channel, result)
	}
}

// HandedOver counts a conversation that an officer takes over.
func (m *Metrics) HandedOver(channel string) {
	if m != nil {
		m.add(m.handover, 1, channel)
	}
}

// DraftMoved counts a draft continued on another channel.
func (m *Metrics) DraftMoved(from, to string) {
	if m != nil {
		m.add(m.moved, 1, from, to)
	}
}

// Submitted counts a dossier; procedure is a code of the catalogue.
func (m *Metrics) Submitted(channel, procedure string) {
	if m != nil {
		m.add(m.submitted, 1, channel, procedure)
	}
}

// PaperBytes counts bytes received.
func (m *Metrics) PaperBytes(channel string, n int64) {
	if m != nil {
		m.add(m.paperBytes, float64(max(n, 0)), channel)
	}
}

// Verdict counts the verdict on a page.
func (m *Metrics) Verdict(verdict, reason string) {
	if m != nil {
		m.add(m.verdicts, 1, verdict, reason)
	}
}

// Denied counts an operation that the policy refused.
func (m *Metrics) Denied(operation string) {
	if m != nil {
		m.add(m.denied, 1, operation)
	}
}

// Parked counts an event or a job put aside for an operator.
func (m *Metrics) Parked(kind string) {
	if m != nil {
		m.add(m.parked, 1, kind)
	}
}

// Replied observes the time from an event to its reply.
func (m *Metrics) Replied(channel string, d time.Duration) {
	if m != nil {
		m.reply.WithLabelValues(m.label(channel)).Observe(d.Seconds())
	}
}

// Delivered observes the time from handing a message over to its arrival.
func (m *Metrics) Delivered(channel string, d time.Duration) {
	if m != nil {
		m.delivery.WithLabelValues(m.label(channel)).Observe(d.Seconds())
	}
}

// Jobs sets how many jobs of a queue wait and how old the oldest due one is.
func (m *Metrics) Jobs(queue string, depth int, oldest time.Duration) {
	if m != nil {
		m.jobDepth.WithLabelValues(m.label(queue)).Set(float64(depth))
		m.jobOldest.WithLabelValues(m.label(queue)).Set(oldest.Seconds())
	}
}

// Spool sets how a queue of this node's spool stands.
func (m *Metrics) Spool(account string, depth int, oldest time.Duration, parked int) {
	if m != nil {
		m.spoolDepth.WithLabelValues(m.label(account)).Set(float64(depth))
		m.spoolOldest.WithLabelValues(m.label(account)).Set(oldest.Seconds())
		m.spoolParked.WithLabelValues(m.label(account)).Set(float64(parked))
	}
}

// KioskSeen sets when a terminal was last heard of.
func (m *Metrics) KioskSeen(kiosk string, at time.Time) {
	if m != nil {
		m.kioskSeen.WithLabelValues(m.label(kiosk)).Set(float64(at.Unix()))
	}
}
