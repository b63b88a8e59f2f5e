import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import NatsPlugin

/// The parts that need no server.
struct PartsTests {
    static let endpoints: [(String, [NatsTarget])] = [
        ("nats://a", [target("a:4222")]),
        ("a", [target("a:4222")]),
        ("a:1", [target("a:1")]),
        ("nats://a:1, nats://b:2/", [target("a:1"), target("b:2")]),
        ("nats://[::1]:1,[::1]", [target("[::1]:1"), target("[::1]:4222")]),
        ("tls://a", [target("a:4222") { $0.usesTLS = true }]),
        (
            "nats://me:p%40w@a",
            [
                target("a:4222") {
                    $0.user = "me"
                    $0.password = "p@w"
                }
            ]
        ),
        ("nats://secret@a", [target("a:4222") { $0.token = "secret" }]),
    ]

    private static func target(
        _ address: String, _ change: (inout NatsTarget) -> Void = { _ in }
    ) -> NatsTarget {
        guard var target = try? NatsTarget(parsing: address) else {
            preconditionFailure("\(address) cannot be read")
        }
        change(&target)
        return target
    }

    @Test(arguments: endpoints) func readsEndpoints(_ text: String, _ targets: [NatsTarget]) throws
    {
        #expect(try NatsTarget.list(text) == targets)
    }

    @Test(arguments: ["", " , ", "http://a", "nats://", "nats://:4222", "nats://s3cret@"])
    func refusesEndpoints(_ text: String) {
        #expect {
            _ = try NatsTarget.list(text)
        } throws: { error in
            "\(error)".contains("endpoint") && !"\(error)".contains("s3cret")
        }
    }

    @Test(arguments: ["", "a b", "a.b", "a*", ">", "a/b", "a\r\nPUB x 0"])
    func refusesNames(_ name: String) {
        #expect(throws: ComponentError.self) { try NatsNames.check(name, "stream") }
    }

    /// What stands in braces and is not `{signal}` would be a part of the subject.
    @Test(arguments: [
        (
            ComponentKind.sink, #"{"subject": "weir.{signl}"}"#,
            "subject: found {signl} in it, expected"
        ),
        (.sink, #"{"subject": "weir.{signal"}"#, "subject: found {signal in it"),
        (.sink, #"{"subject": "a", "create_stream": true}"#, "create_stream: it needs a name"),
        (
            .sink, #"{"endpoint": "http://a", "subject": "a b", "username": "u"}"#,
            "endpoint: found http://, expected nats:// or tls://\nusername: it has no password"
        ),
        (
            .receiver, #"{"stream": "a", "consumer": "b", "subjects": ["a", "weir.{signal}"]}"#,
            "subjects[1]: found {signal} in it, expected no placeholder, as nothing"
        ),
    ])
    func settingsAreChecked(_ kind: ComponentKind, _ settings: String, _ says: String) throws {
        let error = #expect(throws: ComponentError.self) {
            _ = try FakeHost().create(plugin, kind, "nats", settings: settings)
        }
        #expect(error?.message.contains(says) == true, "\(error as Any)")
    }

    @Test(arguments: [
        ("weir.logs", true), ("weir", true), ("weir.*", false), ("weir.>", false), ("a..b", false),
        (".a", false), ("a ", false), ("a\r\nPUB", false), ("$JS.API.x", false), ("", false),
    ])
    func checksSubjects(_ subject: String, _ isGood: Bool) {
        let found =
            (try? NatsNames.check(subject: subject, "subject", allowsWildcards: false)) != nil
        #expect(found == isGood)
    }

    @Test(arguments: [
        ("$JS.ACK.W.weir.1.2.2.1795288327697046955.3", 3),
        ("$JS.ACK.hub.ACC.W.weir.1.2.2.1795288327697046955.4.tok", 4),
        ("$JS.ACK._.ACC.W.weir.1.2.2.1795288327697046955.5", 5),
        ("$JS.ACK.W.weir", 0), ("_INBOX.a.b", 0), ("$JS.ACK.W.weir.1.2.2.3.x", 0),
        ("$JS.ACK.W.weir.1.2.2.3.-1", 0), ("", 0),
    ])
    func readsHowManyWait(_ subject: String, _ count: Int) {
        #expect(messagesBehind(subject) == count)
    }

    enum Expected: Sendable { case delivered, retry, refused }

    static let answers: [(String, Int?, Expected, String)] = [
        (#"{"stream":"W", "seq":1}"#, nil, .delivered, ""),
        (#"{"stream":"W", "seq":1, "duplicate": true}"#, nil, .delivered, ""),
        ("", 503, .retry, "no stream takes weir.logs"),
        (failure(400, 10060, "expected stream does not match"), nil, .refused, "10060"),
        (failure(400, 10054, "message size exceeds"), nil, .refused, "send_batch_max_size"),
        (failure(400, 10002, "resource limits exceeded for account"), nil, .retry, "10002"),
        (failure(400, 10120, "no JetStream default"), nil, .retry, "10120"),
        (failure(503, 10077, "maximum bytes exceeded"), nil, .retry, "maximum bytes"),
        (failure(503, 10023, "insufficient resources"), nil, .retry, "insufficient"),
        (failure(500, 10052, "no"), nil, .retry, "10052"),
        (failure(408, 1, "timeout"), nil, .retry, ""),
        (failure(429, 1, "slower"), nil, .retry, ""),
        (#"{"error":{}}"#, nil, .retry, "no reason"),
        ("pong", nil, .retry, "not JSON"),
        (#"{"answer":42}"#, nil, .retry, "something else answers"),
        ("[]", nil, .retry, ""),
    ]

    private static func failure(_ code: Int, _ number: Int, _ text: String) -> String {
        #"{"error":{"code":\#(code),"err_code":\#(number),"description":"\#(text)"},"stream":"W"}"#
    }

    @Test(arguments: answers)
    func readsAnswers(_ text: String, _ status: Int?, _ expected: Expected, _ says: String) {
        var message = Message(subject: "i", subscription: 1, payload: Array(text.utf8))
        message.headers.status = status
        switch (PublishAnswer.outcome(message, subject: "weir.logs"), expected) {
        case (.delivered, .delivered): break
        case (.retry(_, let text), .retry), (.refused(let text), .refused):
            #expect(text.contains(says))
        case (let found, _): Issue.record("found \(found), expected \(expected)")
        }
    }

    @Test(arguments: [
        (404, "No Messages", true), (408, "Request Timeout", true), (100, "Idle Heartbeat", false),
        (409, "Exceeded MaxAckPending", true),
    ])
    func readsStatus(_ status: Int, _ reason: String, _ isOver: Bool) throws {
        #expect(try PullStatus.isOver(status, reason) == isOver)
    }

    @Test(arguments: [(409, "Consumer Deleted"), (503, ""), (400, "Bad Request"), (999, "")])
    func aConsumerThatIsGoneIsAnError(_ status: Int, _ reason: String) {
        #expect(throws: ComponentError.self) { try PullStatus.isOver(status, reason) }
    }

    @Test func verdicts() {
        func text(_ verdict: Verdict) -> String { String(decoding: verdict.bytes, as: UTF8.self) }
        #expect(text(.taken) == "+ACK" && text(.never) == "+TERM" && text(.inProgress) == "+WPI")
        #expect(text(.again(after: .milliseconds(1500))) == #"-NAK {"delay":1500000000}"#)
    }

    /// The same content: again under the same id, twice under two.
    @Test func idsOfMessages() {
        var ids = MessageIDs(bound: 2)
        let first = ids.take("a")
        let twin = ids.take("a")
        #expect(first.text == "a" && twin.text == "a-1")
        // Nobody knows whether the first one arrived; the twin did.
        ids.end(first, delivered: false)
        ids.end(twin, delivered: true)
        #expect(ids.take("a") == first)
        ids.end(first, delivered: true)
        #expect(ids.take("a").text == "a-2")
        // What was long ago is forgotten, and not before.
        for name in ["b", "c", "d"] { ids.end(ids.take(name), delivered: true) }
        #expect(ids.take("d").text == "d-1")
        for name in ["e", "f", "g"] { ids.end(ids.take(name), delivered: true) }
        #expect(ids.take("b").text == "b")
    }

    /// Batches of the same content, however many, are never taken for one another.
    @Test func noIDTwice() {
        var ids = MessageIDs(bound: 4)
        var seen: Set<String> = []
        for round in 0..<100 {
            let id = ids.take("same")
            #expect(seen.insert(id.text).inserted, "\(id.text) in round \(round)")
            ids.end(id, delivered: true)
            ids.end(ids.take("other \(round)"), delivered: true)
        }
    }

    /// What is never sent again leaves no gap in which it is remembered.
    @Test func whatFailedIsFreeAgain() {
        var ids = MessageIDs()
        let all = (0..<4).map { _ in ids.take("a") }
        for id in [all[1], all[3], all[0], all[2]] { ids.end(id, delivered: false) }
        #expect((0..<4).map { _ in ids.take("a") } == all)
    }

    /// A window of duplicates beyond the age of messages is an error of the server's.
    @Test func streamsToMake() {
        var stream = StreamSettings(
            name: "W", subjects: ["a"], retention: "limits", replicas: 1, maxBytes: 0,
            maxAge: .seconds(60), duplicateWindow: .seconds(120))
        #expect(stream.request["duplicate_window"]?.integerValue == 60_000_000_000)
        #expect(stream.request["max_bytes"]?.integerValue == -1)
        stream.maxAge = .zero
        #expect(stream.request["duplicate_window"]?.integerValue == 120_000_000_000)
        #expect(stream.request["discard"]?.stringValue == "new")
    }
}
