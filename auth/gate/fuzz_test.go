package gate

import (
	"testing"

	"google.golang.org/protobuf/proto"

	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

// Whatever a program sends as JSON is refused or read; what was read is written and
// read again as the same message.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"draftId":"0198c0de-0000-7000-8000-000000000000","key":"subject.status","answer":{"choices":["a"]}}`,
		`{"answer":{"value":{"line":"12 Lê Lợi","ward":"26740"}}}`, `{"answer":{"value":1e400}}`, `{"answer":{"value":null,"skip":true}}`,
		`{"unknown":{"a":[1,2,{"b":null}]}}`, `{"draftId":1}`, `{"draftId":"a","draftId":"b"}`, `{"answer":{"text":"\ud800"}}`, `[]`, `null`, ``, `{`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var c jsonCodec
		var got mobilev1.AnswerQuestionRequest
		if c.Unmarshal(in, &got) != nil {
			return
		}
		out, err := c.Marshal(&got)
		if err != nil {
			// A number that JSON cannot write was never in it.
			t.Fatalf("%q is read and cannot be written: %v", in, err)
		}
		var again mobilev1.AnswerQuestionRequest
		if err := c.Unmarshal(out, &again); err != nil || !proto.Equal(&got, &again) {
			t.Fatalf("%q is written as %q: %v", in, out, err)
		}
	})
}
