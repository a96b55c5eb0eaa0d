package core

// Prompt is something to say, channel-neutral: a message key with arguments, the
// choices that may follow and what is expected next. A renderer turns it into
// what a channel can show.
type Prompt struct {
	Key     string            `json:"key"`
	Args    map[string]string `json:"args,omitempty"`
	Choices []Choice          `json:"choices,omitempty"`
	Expect  Expect            `json:"expect,omitempty"`
	Locale  string            `json:"locale"`
	// Replaces asks a channel that can edit to change its last menu message in
	// place instead of sending a new one.
	Replaces bool `json:"replaces,omitempty"`
	// AnswersRef is the vendor's id of a pressed button or message that waits for
	// an acknowledgement.
	AnswersRef string `json:"answersRef,omitempty"`
}

// Choice is one numbered option of a prompt. ID is opaque, ≤ 64 bytes, and means
// something only together with the conversation it was given in.
type Choice struct {
	ID    string            `json:"id"`
	Digit string            `json:"digit,omitempty"` // what may be typed instead: "1", "0" for menu, "9" for back; "" = only by button or words
	Key   string            `json:"key,omitempty"`   // message key of the label, or
	Label string            `json:"label,omitempty"`
	Short string            `json:"short,omitempty"` // for narrow channels; "" = derived from Label
	Args  map[string]string `json:"args,omitempty"`
}

// Expect says what kind of answer a prompt waits for.
type Expect string

// What may be expected.
const (
	ExpectAny     Expect = ""
	ExpectText    Expect = "text"
	ExpectChoice  Expect = "choice"
	ExpectMedia   Expect = "media"
	ExpectContact Expect = "contact"
)

// Capabilities says what a channel can do. It is data that the renderer and the
// dialogue adapt to; no code asks which channel it is.
type Capabilities struct {
	MaxText      int    // characters of one message; 0 = no limit
	Buttons      int    // choices it can show as buttons; 0 = numbered menu in the text
	ButtonLabel  int    // characters of a button's label; 0 = no limit
	Variant      string // message variant it prefers: "rich", "short", "screen", "spoken"
	Markup       string // "html" or ""
	Accents      bool   // Vietnamese letters cost nothing extra
	Edit         bool   // it can change a sent message
	MediaIn      bool   // a person can send files
	MaxFile      int64  // bytes of a received file
	Contact      bool   // a person can share a proved phone number
	Private      bool   // names may be shown to the proved owner
	ConsentCode  bool   // legal consent needs the drawn digits
	Receipts     bool   // delivery is reported later
	Polls        bool   // events can be fetched as well as pushed
	Redelivers   bool   // the vendor sends an event again after a 5xx
	Pushes       bool   // it can be written to when the person did not just write
	PerSecond    int    // messages a second the vendor lets one account send; 0 = unknown
	PerPerson    int    // messages a second it lets one person be sent in the long run; 0 = unknown
	ReplyToInput bool   // pressing a button waits for an acknowledgement
	Numbers      bool   // people are known by their phone number, in E.164
	Idempotent   bool   // a part sent again under the same id is taken once: an unknown outcome may be repeated
	Registered   bool   // only texts that were registered before get through
}
