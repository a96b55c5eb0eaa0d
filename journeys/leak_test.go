package journeys_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// What goes wrong is logged, and what is logged names nobody: vendors that fail,
// requests that make no sense, and a message that cannot be delivered.
func TestFailuresNameNobody(t *testing.T) {
	t.Parallel()
	p := readPersona(t)
	scripts := readScripts(t)
	file := scripts[slices.IndexFunc(scripts, func(s script) bool { return s.name == "4-file" })]
	for _, channel := range []string{"telegram", "sms"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, p, "", func(w *world) {
				w.expectErrors = true
				busy := simkit.TooManyRequests(time.Second)
				for _, f := range []*simkit.Faults{&w.telegram.Faults, &w.twilio.Faults, &w.smsgate.Faults} {
					for _, method := range []string{"setWebhook", "sendMessage", "getFile", "answerCallbackQuery", "POST Messages.json", "POST SendMultipleMessage_V4_post_json"} {
						f.Next(method, simkit.ServerError(), busy)
					}
				}
			})
			r := newRun(t, w, channel)
			r.play(file)

			// Somebody's words in requests that are refused.
			says := strings.Join(p.secrets, " ")
			w.post("/webhooks/telegram/main", `{"update_id":1,"message":{"text":"`+says+`"`, map[string]string{
				"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-webhook"})
			w.post("/webhooks/telegram/main", `{"message":{"text":"`+says+`"}}`, map[string]string{"X-Telegram-Bot-Api-Secret-Token": "wrong"})
			w.post("/webhooks/twilio/main", "Body="+strings.ReplaceAll(says, " ", "+"), map[string]string{"X-Twilio-Signature": "forged"})
			w.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"`+says+`"`, map[string]string{"Content-Type": "application/json"})
			w.post("/motcua.mobile.v1.SessionService/RequestCode", `{"phone":"`+says+`"}`, map[string]string{"Content-Type": "application/json"})

			// A number that cannot be reached: the message is given up.
			w.smsgate.Phone("+84938000222").Refuse(108)
			w.smsgate.Phone("+84938000222").Text(says)
			ctx, cancel := withPatience(r.ctx)
			defer cancel()
			parked := r.parked(ctx)
			if len(parked) == 0 {
				t.Error("no job was given up")
			}
			for _, j := range parked {
				w.nothingPersonal("cause of a parked job", j.Cause+" "+j.Progress)
			}
			w.close()
			if logged := w.logs.String(); !strings.Contains(logged, "telling a vendor our address failed") {
				t.Errorf("the log does not tell of the failures:\n%s", logged)
			}
		})
	}
}

// parked waits until a job was given up, and gives those that were.
func (r *run) parked(ctx context.Context) (out []core.Job) {
	r.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for len(out) == 0 {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		r.view(func(ctx context.Context, tx core.Tx) (err error) {
			out, err = tx.Jobs().List(ctx, core.JobParked, 10)
			return err
		})
	}
	return out
}

// post makes a request that is expected to be refused.
func (w *world) post(path, body string, header map[string]string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.app.URL()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode >= 500 {
		w.t.Errorf("%s answered %d", path, res.StatusCode)
	}
}
