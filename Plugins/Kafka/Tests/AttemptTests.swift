import Testing
import WeirSDK

@testable import KafkaPlugin

struct AttemptTests {
    static let rows: [([Attempt.Fate], Outcome)] = [
        ([.delivered], .delivered()),
        ([.delivered, .delivered], .delivered()),
        ([.delivered, .retry("later"), .refused(2, "never")], .retry(message: "later")),
        ([.refused(3, "a"), .refused(4, "b")], .refused(message: "a")),
        (
            [.refused(3, "a"), .delivered, .refused(4, "b")],
            .delivered(rejected: 7, message: "a")
        ),
    ]

    @Test(arguments: rows)
    func theLastReportEndsIt(fates: [Attempt.Fate], outcome: Outcome) {
        var attempt = Attempt(messages: fates.count)
        for fate in fates.dropLast() {
            let early = attempt.note(fate)
            #expect(early == nil)
        }
        let last = attempt.note(fates[fates.count - 1])
        #expect(last == outcome)
    }
}
