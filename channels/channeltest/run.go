package channeltest

import (
	"testing"

	"github.com/motcua/motcua/core"
)

// Run examines an adapter: every behaviour has a bench of its own and runs in
// parallel. Those that the capability record rules out are not left out: what must
// hold in their place is examined.
func Run(t *testing.T, h Harness) {
	t.Helper()
	w := newWorld(t)
	for _, b := range behaviours() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			x := begin(t, h, w)
			if b.needs == nil || b.needs(x.Adapter.Capabilities()) {
				b.run(x)
			} else {
				b.instead(x)
			}
		})
	}
}

// behaviour is one thing that an adapter, or the Gateway with it, has to do.
type behaviour struct {
	name string
	run  func(*exam)
	// needs says which records run it; nil is every one. For the others instead
	// is run.
	needs   func(core.Capabilities) bool
	instead func(*exam)
}

func limited(c core.Capabilities) bool { return c.MaxText > 0 }
func reports(c core.Capabilities) bool { return c.Receipts }
func files(c core.Capabilities) bool   { return c.MediaIn }
func buttons(c core.Capabilities) bool { return c.Buttons > 0 }
func replies(c core.Capabilities) bool { return c.ReplyToInput }
func long(c core.Capabilities) bool    { return c.Variant != "short" }

// behaviours are what is examined. The first part looks at the adapter alone, the
// second, Door…, at a real Gateway on a real store with the adapter and its fake.
func behaviours() []behaviour {
	return []behaviour{
		{name: "Capabilities", run: (*exam).capabilities},
		{name: "SendDelivers", run: (*exam).sendDelivers},
		{name: "SendLongest", run: (*exam).sendLongest, needs: limited, instead: (*exam).sendVeryLong},
		{name: "SendEscapes", run: (*exam).sendEscapes},
		{name: "SendConcurrently", run: (*exam).sendConcurrently},
		{name: "SendAgain", run: (*exam).sendAgain},
		{name: "SendThroughTransport", run: (*exam).sendThroughTransport},
		{name: "ErrAddress", run: (*exam).badAddress},
		{name: "ErrCancelled", run: (*exam).cancelled},
		{name: "ErrCutBeforeAnswer", run: (*exam).cutAfterAccept},
		{name: "ErrDown", run: (*exam).down},
		{name: "ErrHangs", run: (*exam).hangs},
		{name: "ErrThrottled", run: (*exam).throttled},
		{name: "ErrVendor", run: (*exam).vendorErrors},
		{name: "SecretsHidden", run: (*exam).secretsHidden},
		{name: "ParseDuplicate", run: (*exam).parseDuplicate},
		{name: "ParseForged", run: (*exam).parseForged},
		{name: "ParseRotated", run: (*exam).parseRotated},
		{name: "ParseElsewhere", run: (*exam).parseElsewhere},
		{name: "ParseSkew", run: (*exam).parseSkew},
		{name: "ParseMalformed", run: (*exam).parseMalformed},
		{name: "ParseMessage", run: (*exam).parseMessage},
		{name: "ParseOddText", run: (*exam).parseOddText},
		{name: "ParseHugeIDs", run: (*exam).parseHugeIDs},
		{name: "ParseConcurrently", run: (*exam).parseConcurrently},
		{name: "ParseUnknown", run: (*exam).parseUnknown},
		{name: "ParseReports", run: (*exam).parseReports, needs: reports, instead: (*exam).noReports},
		{name: "AskState", run: (*exam).askState, needs: reports, instead: (*exam).noReports},
		{name: "FileContent", run: (*exam).fileContent, needs: files, instead: (*exam).noFiles},
		{name: "FileErrors", run: (*exam).fileErrors, needs: files, instead: (*exam).noFiles},
		{name: "FileHalf", run: (*exam).fileHalf, needs: files, instead: (*exam).noFiles},
		{name: "FileTooLarge", run: (*exam).fileTooLarge, needs: files, instead: (*exam).noFiles},
		{name: "RenderChoices", run: (*exam).renderButtons, needs: buttons, instead: (*exam).renderMenu},
		{name: "RenderLong", run: (*exam).renderLong, needs: long, instead: (*exam).renderSegment},
		{name: "RenderHostile", run: (*exam).renderHostile},

		{name: "DoorAnswers", run: at((*door).answers)},
		{name: "DoorDuplicate", run: at((*door).duplicate)},
		{name: "DoorReplay", run: at((*door).replay)},
		{name: "DoorOrder", run: at((*door).order)},
		{name: "DoorOutOfOrder", run: at((*door).outOfOrder)},
		{name: "DoorAtOnce", run: at((*door).atOnce)},
		{name: "DoorRetries", run: at((*door).retries)},
		{name: "DoorThrottled", run: at((*door).throttledAccount)},
		{name: "DoorUnknownOutcome", run: at((*door).unknownOutcome)},
		{name: "DoorPartsResume", run: at((*door).partsResume), needs: long, instead: at((*door).onePart)},
		{name: "DoorRefused", run: at((*door).refusedForGood)},
		{name: "DoorBlocked", run: at((*door).blocked)},
		{name: "DoorOptOut", run: at((*door).optOut)},
		{name: "DoorLanguage", run: at((*door).language)},
		{name: "DoorOddText", run: at((*door).oddText)},
		{name: "DoorOversizeBody", run: at((*door).oversizeBody)},
		{name: "DoorOversizeText", run: at((*door).oversizeText)},
		{name: "DoorForged", run: at((*door).forged)},
		{name: "DoorUnknownAccount", run: at((*door).unknownAccount)},
		{name: "DoorMethod", run: at((*door).method)},
		{name: "DoorUnknownKind", run: at((*door).unknownKind)},
		{name: "DoorUnreadable", run: at((*door).unreadable)},
		{name: "DoorFile", run: at((*door).file), needs: files, instead: at((*door).fileInPlaceOfText)},
		{name: "DoorStaleChoice", run: at((*door).staleButton), needs: buttons, instead: at((*door).staleNumber)},
		{name: "DoorPressTwice", run: at((*door).pressTwice), needs: buttons, instead: at((*door).numberTwice)},
		{name: "DoorAcknowledges", run: at((*door).acknowledges), needs: replies, instead: at((*door).acknowledgesNothing)},
		{name: "DoorReports", run: at((*door).reportsInAnyOrder), needs: reports, instead: at((*door).sentIsAll)},
		{name: "DoorStrangeReport", run: at((*door).strangeReport), needs: reports, instead: at((*door).sentIsAll)},
		{name: "DoorStoreDown", run: at((*door).storeDown)},
		{name: "DoorSaysNothingSecret", run: at((*door).saysNothingSecret)},
	}
}

func at(run func(*door)) func(*exam) {
	return func(x *exam) { run(x.open()) }
}
