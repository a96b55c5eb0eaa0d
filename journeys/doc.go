// Package journeys holds the citizens' journeys as scripts that a product person
// can read and change, and replays each of them through every channel against
// the real program. The package has no code of its own: scripts and data are in
// testdata, the drivers that read them are tests.
//
// # The person
//
// testdata/persona.txt says who makes every journey: the words typed for each
// question of a form, and the files of each paper. A line is "key: value"; "#"
// begins a comment. The part after "=>" is what the person chooses when asked
// back ("Bến Nghé nay thuộc phường Sài Gòn, đúng không?"); without it, being
// asked back fails the journey.
//
//	answer requester.fullName: Trần Thị Mai
//	answer requester.residence: 12 Lê Lợi, phường Bến Nghé, Quận 1 => Sài Gòn
//	answer fact.reissue: Không
//	paper residence_proof: ct07.pdf
//
// The bytes of a file follow from its name and are the same on every channel: a
// ".jpg" is a photographed page, a ".pdf" a document of two pages.
//
// # A script
//
// A file testdata/*.journey. The first line names the channels it is replayed
// through; every further line is one step, done in order:
//
//	on telegram, sms, app, kiosk
//
//	citizen asks: khai sinh cho con cần gì
//	sees: đăng ký khai sinh; giấy chứng sinh
//	at most 2 messages
//
// A step that begins with channels in brackets is done on those only:
// "[app kiosk] sees: …". What is compared is compared without accents and case,
// because an SMS has neither.
//
// The citizen's steps:
//
//	citizen asks: <words>             looks a procedure up
//	citizen asks for the office: <place>
//	citizen checks the dossier        by the code of the receipt
//	citizen begins: <words>           looks up, and starts the application
//	citizen answers                   every question, up to the papers
//	citizen answers up to: <key>      and leaves that one open
//	citizen sends the papers
//	citizen reads the summary
//	citizen submits
//	citizen submits again             by a second tap, or the same words again
//	citizen files: <words>            the five steps above in one
//	citizen is told: <words>; …       by a message nobody asked for
//	citizen sends what is missing: <file>
//	citizen opens the result: <file>  and finds the bytes the officer gave
//	citizen withdraws the dossier
//	citizen confirms the draft        of the result
//	citizen corrects the draft: <words>
//	citizen switches to: vi|en
//	citizen moves to: <channel>       takes a hand-off code along
//	citizen says: <words>             in a chat; {code} and {tail} of the receipt
//	citizen presses: <label>          or replies its number
//	citizen hears nothing             that was not read yet
//	citizen is told on <channel>: <words>
//	a stranger checks the dossier     somebody else, by the code alone
//
// The officer's steps, at the desk of the dossier's office:
//
//	officer accepts
//	officer reads every page          and finds the bytes that were sent
//	officer asks for: <requirement>, page <n>, <reason code>
//	officer completes with: <file>
//	officer returns the result
//	officer sends a draft: <file>
//	officer reads what is wrong: <words>
//	officer puts the result off: <n> days, <reason code>
//	officer asks for a fee: <đồng>
//	officer records the payment: <number of the receipt>
//
// What must hold:
//
//	sees: <words>; …                  the last thing shown says all of it
//	sees the due date
//	sees nothing personal
//	at most <n> messages              sent or pressed by the citizen so far
//	state: <word>                     of the dossier, as citizens are told it
//	one dossier                       and no more
//	the app lists the dossier         among the citizen's own, and no draft
//	the app shows who read the dossier
//	the app shows the receipt: <number>
//	the dossier holds the papers      each page's hash as it was sent
//	no question twice
//	<n> minutes pass
//
// # Words that mean many things
//
// testdata/collisions.txt says what a word means where: "dung" at a name, "9" at a
// number, "ok" at the summary. Every line is said in a chat and by SMS, and typed
// into the fields of the app and the kiosk.
//
// # What is checked on every journey
//
// Every SMS is one GSM-7 segment that begins with the brand and carries neither
// a name nor a whole ID number; nothing personal is in logs, metrics, URLs or,
// unsealed, in the data directory; the vendors saw no call they do not know; and
// the canonical dossier of one journey has the same hash on every channel.
//
// docs/transcripts.md shows one filing per channel as it was played. It is
// checked to be fresh, and written anew by
//
//	UPDATE_GOLDEN=1 go test ./journeys
package journeys
