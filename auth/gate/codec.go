package gate

import (
	"errors"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// jsonCodec is Connect's JSON with one difference: a list that is empty is
// written as [] and a text as "", because a client in a browser should not have
// to know which fields may be missing.
type jsonCodec struct{ name string }

var errNoMessage = errors.New("not a protobuf message")

// Name is the codec's name in the content type.
func (c jsonCodec) Name() string { return c.name }

// Marshal writes a message.
func (jsonCodec) Marshal(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, errNoMessage
	}
	return protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
}

// Unmarshal reads a message; fields it does not know are passed over, so that a
// newer client can talk to an older server.
func (jsonCodec) Unmarshal(b []byte, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return errNoMessage
	}
	if len(b) == 0 {
		return errors.New("an empty body is not a JSON object")
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, m)
}
