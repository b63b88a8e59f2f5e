import Synchronization
import Testing
import WeirSDK
import WeirTestKit

/// Expressions, documents, names and digests, asked for through the SDK, answered by the fake host.
struct LookupServiceTests {
    /// Hands its host to the test.
    final class Lender: Extension {
        /// One is made at a time.
        static let turn = Mutex(())
        static let lent = Mutex<Host?>(nil)
        init(settings: NoSettings, host: Host) { Self.lent.withLock { $0 = host } }
    }

    /// Runs a test with the host as a component sees it; what the component leaves behind fails it.
    static func withHost(_ fake: FakeHost = FakeHost(), _ body: (Host) throws -> Void) throws {
        let plugin = Plugin(
            id: "test.lender", version: "1.0.0", components: [.extension("lender", Lender.self)])
        let (instance, host) = try Lender.turn.withLock { _ in
            let instance = try fake.createRaw(plugin, .extension, "lender", "{}")
            return (instance, Lender.lent.withLock { $0! })
        }
        try instance.start()
        try body(host)
        try instance.end()
    }

    @Test func expressionsMatchWholeTextsAndParts() throws {
        try Self.withHost { host in
            let regex = try #require(try host.regex?.compile(#"(?P<host>[^:]+)(:(\d+))?"#))
            #expect(regex.groupCount == 3)
            #expect(regex.groupNames == [nil, "host", nil, nil])
            #expect(regex.wholeMatch("web:80") == ["web:80", "web", ":80", "80"])
            #expect(regex.wholeMatch("web") == ["web", "web", nil, nil])
            #expect(regex.wholeMatch("web:") == nil)
            #expect(regex.matches("web:1") && !regex.matches(""))
            #expect(regex.firstMatch("::a:1")?[0] == "a:1")
            #expect(regex.isFound(in: ":a") && !regex.isFound(in: "::"))
            let bytes = Array("é:7 b".utf8)
            unsafe #expect(regex.firstMatch(bytes.span.bytes)?[3] == 3..<4)
            unsafe #expect(regex.firstMatch(bytes.span.bytes, from: 4)?[1] == 4..<6)
        }
    }

    @Test func expressionsTakeOptions() throws {
        try Self.withHost { host in
            let regex = try #require(host.regex)
            #expect(try regex.compile("a.b", .dotMatchesNewline).matches("a\nb"))
            #expect(try !regex.compile("a.b").matches("a\nb"))
            #expect(try regex.compile("AB", .caseInsensitive).matches("ab"))
        }
    }

    @Test func aBadExpressionIsRefusedAndQuoted() throws {
        try Self.withHost { host in
            let error = #expect(throws: ComponentError.self) { _ = try host.regex?.compile("a(b") }
            #expect(error?.kind == .invalid)
            #expect(error?.message.contains(#""a(b""#) == true)
        }
    }

    /// The cases of Go's regexp.Expand, with group 1 named `host` and group 2 that took no part.
    @Test(arguments: [
        ("plain", "plain"), ("$1", "web"), ("${1}", "web"), ("$host", "web"), ("${host}", "web"),
        ("$0", "web"), ("$1x", ""), ("${1}x", "webx"), ("$host_x", ""), ("${host}_x", "web_x"),
        ("$1-$host", "web-web"), ("$2", ""), ("$9", ""), ("$nobody", ""), ("$$1", "$1"),
        ("$$$1", "$web"), ("$", "$"), ("a$", "a$"), ("$ a", "$ a"), ("${", "${"), ("${1", "${1"),
        ("${}", "${}"), ("${a b}", "${a b}"), ("$-$1", "$-web"), ("$01", ""), ("$é", ""),
        ("${host", "${host"), ("x$1$1y", "xweb"), ("x$1$host y", "xwebweb y"),
        ("$99999999999999999999", ""),
    ])
    func templatesFollowGo(template: String, expected: String) throws {
        try Self.withHost { host in
            let regex = try #require(try host.regex?.compile("(?P<host>[a-z]+)(:[0-9]+)?"))
            #expect(regex.expand(template, matching: "web") == expected)
        }
    }

    @Test func anExpressionThatIsKeptIsALeak() throws {
        // It is released while the host still is.
        let fake = FakeHost()
        let kept = Mutex<RegularExpression?>(nil)
        #expect(throws: TestFailure.self) {
            try Self.withHost(fake) { host in
                let made = try host.regex?.compile("a")
                kept.withLock { $0 = made }
            }
        }
        kept.withLock { $0 = nil }
        #expect(throws: Never.self) { try fake.checkClean() }
    }

    @Test func documentsBecomeJSON() throws {
        try Self.withHost { host in
            let text = Array(#" [ {"targets": ["a:1"] } ]"#.utf8)
            let documents = try #require(host.documents)
            let json = try documents.json(text)
            #expect(json == Array(#"[{"targets":["a:1"]}]"#.utf8))
            let yaml = Array("[\n a\n]".utf8)
            let error = #expect(throws: ComponentError.self) { _ = try documents.json(yaml) }
            #expect(error?.message.hasPrefix("2:2: ") == true, "\(error?.message ?? "")")
        }
    }

    /// The vectors of RFC 1321, A.5, one of them longer than a block.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func md5(text: String, expected: String) throws {
        try Self.withHost { host in
            let digest = try #require(host.hash?.md5(text))
            let hex = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(hex == expected)
        }
    }

    /// What was answered, in order.
    final class Answers: Sendable {
        let all = Mutex<[DNS.Answer]>([])
        func add(_ answer: DNS.Answer) { all.withLock { $0.append(answer) } }
        var list: [DNS.Answer] { all.withLock { $0 } }
    }

    @Test func namesAreLookedUp() throws {
        let fake = FakeHost()
        let service = DNS.Record("web-1.local", ttl: 30, priority: 1, weight: 2, port: 8080)
        fake.dns["_http._tcp.local", .srv] = .found([service])
        fake.dns["broken.local", .a] = .failed(.retry("SERVFAIL"))
        let answers = Answers()
        try Self.withHost(fake) { host in
            let dns = try #require(host.dns)
            try dns.lookup("_http._tcp.local", .srv, answers.add)
            try dns.lookup("broken.local", .a, answers.add)
            try dns.lookup("nobody.local", .aaaa, answers.add)
        }
        #expect(answers.list == [.found([service]), .failed(.retry("SERVFAIL")), .notFound])
        #expect(fake.dns.asked.last == LookedUp("nobody.local", .aaaa))
    }

    @Test func lookupsEndAtTheirDeadlineAndWithTheHost() throws {
        let fake = FakeHost()
        let (late, held, released) = (Answers(), Answers(), Answers())
        fake.dns["c", .a] = .found([DNS.Record("1.2.3.4")])
        for name in ["a", "b", "c"] { fake.dns.hold(name, .a) }
        try Self.withHost(fake) { host in
            let dns = try #require(host.dns)
            try dns.lookup("a", .a, deadline: host.deadline(in: .seconds(5)), late.add)
            try dns.lookup("b", .a, deadline: host.deadline(in: .seconds(50)), held.add)
            try dns.lookup("c", .a, released.add)
            fake.advance(by: .seconds(4))
            fake.dns.release("c", .a)
            #expect(late.list.isEmpty)
            fake.advance(by: .seconds(1))
            #expect(late.list == [.failed(.timeout("no name server answered in time"))])
        }
        #expect(released.list == [.found([DNS.Record("1.2.3.4")])])
        #expect(held.list == [.failed(.cancelled("the host ends"))])
    }

    @Test(arguments: ["weir.regex/1", "weir.document/1", "weir.dns/1", "weir.hash/1"])
    func anyOfThemMayBeMissing(id: String) throws {
        let fake = FakeHost()
        fake.withhold(id)
        try Self.withHost(fake) { host in
            #expect((host.regex == nil) == (id == "weir.regex/1"))
            #expect((host.documents == nil) == (id == "weir.document/1"))
            #expect((host.dns == nil) == (id == "weir.dns/1"))
            #expect((host.hash == nil) == (id == "weir.hash/1"))
        }
    }
}
