import CWeir
import Foundation
import Synchronization
import Testing

@testable import WeirRuntime

/// weir/ext/dns.h as a plugin calls it, against a server of its own.
@Suite(.serialized) struct DNSTableTests {
    /// What was answered, and the wait for it on a thread that may block.
    final class Answers: Sendable {
        private let list = Mutex<[NameAnswer]>([])
        var all: [NameAnswer] { list.withLock { $0 } }
        func add(_ answer: NameAnswer) { list.withLock { $0.append(answer) } }

        /// The one answer, once it is there; the test's time limit ends the wait.
        func one() async -> NameAnswer {
            while true {
                if let answer = all.first { return answer }
                await Task.yield()
            }
        }
    }

    /// A component that may look up, and its host.
    final class Asker {
        let component: ScriptedComponent
        private let api = DNSTable.shared

        init(_ server: String, time: VirtualTime = VirtualTime()) throws {
            component = ScriptedComponent(time: time, names: NameResolver(server: server))
            try component.instance.create(settings: [])
        }

        /// The status with which lookup() returned, and the error's text.
        @discardableResult func lookUp(
            _ name: String, _ type: Int, deadline: UInt64 = 0, _ answers: Answers
        ) -> (weir_status, String) {
            var error = weir_error.make()
            let context = Unmanaged.passRetained(answers)
            let status = withText(name) {
                api.pointee.lookup(
                    component.host, $0, UInt32(type), deadline,
                    { context, answer in
                        let answers = Unmanaged<Answers>.fromOpaque(context!).takeRetainedValue()
                        answers.add(DNSTableTests.copy(answer!.pointee))
                    }, context.toOpaque(), &error)
            }
            if status != Status.ok { context.release() }
            return (status, error.text)
        }
    }

    static func copy(_ raw: weir_dns_answer) -> NameAnswer {
        switch raw.status {
        case Status.ok:
            .found(
                (0..<raw.record_count).map { index in
                    let record = raw.records[index]
                    return NameAnswer.Record(
                        target: record.target.string, ttl: record.ttl, priority: record.priority,
                        weight: record.weight, port: record.port)
                })
        case Status.timeout: .failed(.timeout, raw.message.string)
        case Status.cancelled: .failed(.cancelled, raw.message.string)
        case Status.retry: .failed(.later, raw.message.string)
        default: .failed(.never, raw.message.string)
        }
    }

    typealias Server = ScriptedNameServer

    @Test(.timeLimit(.minutes(1))) func recordsOfEveryTypeAreRead() async throws {
        let server = Server()
        server["a.test", 1] = .records([
            Server.Record(type: 5, data: Server.name("b.test")),
            Server.Record(type: 1, data: [127, 0, 0, 9], ttl: 7),
            Server.Record(type: 1, data: [1, 2, 3]),
        ])
        server["a.test", 28] = .records([
            Server.Record(
                type: 28, data: [0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1])
        ])
        server["_http._tcp.a.test", 33] = .records([
            Server.Record(type: 33, data: [0, 1, 0, 2, 0x1f, 0x90] + Server.name("web.a.test")),
            Server.Record(type: 33, data: [0, 3, 0, 4, 0, 80, 0]),
        ])
        server["a.test", 15] = .records([
            Server.Record(type: 15, data: [0, 10] + Server.name("mail.a.test"), ttl: 1 << 31)
        ])
        server["a.test", 2] = .records([Server.Record(type: 2, data: Server.name("ns.a.test"))])
        let asker = try Asker("127.0.0.1:\(server.port)")
        let cases: [(String, Int, [NameAnswer.Record])] = [
            ("a.test", WEIR_DNS_A, [.init(target: "127.0.0.9", ttl: 7)]),
            ("a.test.", WEIR_DNS_AAAA, [.init(target: "2001:db8::1", ttl: 60)]),
            (
                "_http._tcp.a.test", WEIR_DNS_SRV,
                [
                    .init(target: "web.a.test", ttl: 60, priority: 1, weight: 2, port: 8080),
                    .init(target: ".", ttl: 60, priority: 3, weight: 4, port: 80),
                ]
            ),
            ("a.test", WEIR_DNS_MX, [.init(target: "mail.a.test", ttl: 1 << 31, priority: 10)]),
            ("a.test", WEIR_DNS_NS, [.init(target: "ns.a.test", ttl: 60)]),
        ]
        for (name, type, records) in cases {
            let answers = Answers()
            #expect(asker.lookUp(name, type, answers).0 == Status.ok)
            #expect(await answers.one() == .found(records), "\(name) \(type)")
        }
        #expect(asker.component.instance.lookups.count == 0)
    }

    @Test(.timeLimit(.minutes(1))) func noneIsNotAFailure() async throws {
        let server = Server()
        server["gone.test.", 1] = .code(3)
        server["empty.test", 1] = .records([])
        server["other.test", 1] = .records([Server.Record(type: 5, data: Server.name("x.test"))])
        let asker = try Asker("127.0.0.1:\(server.port)")
        for name in ["gone.test.", "empty.test.", "other.test."] {
            let answers = Answers()
            asker.lookUp(name, WEIR_DNS_A, answers)
            #expect(await answers.one() == .found([]), "\(name)")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [2, 5] as [UInt8])
    func troubleIsAFailure(code: UInt8) async throws {
        let server = Server()
        server["a.test", 1] = .code(code)
        let asker = try Asker("127.0.0.1:\(server.port)")
        let answers = Answers()
        // The deadline shortens the waits between the resolver's attempts, of which each fails.
        asker.lookUp("a.test.", WEIR_DNS_A, deadline: 2_000_000_000, answers)
        guard case .failed(.later, let text) = await answers.one() else {
            Issue.record("\(answers.all)")
            return
        }
        #expect(text.contains("a.test") && text.contains("127.0.0.1:\(server.port)"), "\(text)")
    }

    @Test(.timeLimit(.minutes(1))) func answersThatDoNotFitComeOverTCP() async throws {
        let server = Server()
        let records = (0..<200).map { Server.Record(type: 1, data: [10, 0, 1, UInt8($0)]) }
        server["many.test", 1] = .records(records)
        let asker = try Asker("127.0.0.1:\(server.port)")
        let answers = Answers()
        asker.lookUp("many.test", WEIR_DNS_A, answers)
        guard case .found(let found) = await answers.one() else {
            Issue.record("\(answers.all)")
            return
        }
        #expect(found.map(\.target) == (0..<200).map { "10.0.1.\($0)" })
        #expect(server.asked == ["udp 1 many.test", "tcp 1 many.test"])
    }

    @Test(.timeLimit(.minutes(1))) func theDeadlineIsTheHosts() async throws {
        let server = Server()
        server["slow.test", 1] = .silence
        let time = VirtualTime()
        let asker = try Asker("127.0.0.1:\(server.port)", time: time)
        let answers = Answers()
        asker.lookUp("slow.test.", WEIR_DNS_A, deadline: time.monotonicNano + 500, answers)
        #expect(answers.all.isEmpty)
        time.advance(seconds: 0.000_000_5)
        let expected = "no name server gave an answer for slow.test. in time"
        #expect(answers.all == [.failed(.timeout, expected)])
        #expect(asker.component.instance.lookups.count == 0)
    }

    @Test(.timeLimit(.minutes(1))) func aComponentThatGoesIsAnsweredBefore() async throws {
        let server = Server()
        server["slow.test", 1] = .silence
        let time = VirtualTime()
        let asker = try Asker("127.0.0.1:\(server.port)", time: time)
        let answers = Answers()
        asker.lookUp(
            "slow.test.", WEIR_DNS_A, deadline: time.monotonicNano + 1_000_000_000, answers)
        try asker.component.instance.destroy()
        #expect(answers.all == [.failed(.cancelled, "the component was stopped")])
        #expect(time.pending == 0)
        let (status, _) = asker.lookUp("a.test", WEIR_DNS_A, answers)
        #expect(status == Status.cancelled && answers.all.count == 1)
    }

    @Test(arguments: [
        ("", WEIR_DNS_A), (".", WEIR_DNS_A), ("a..b", WEIR_DNS_A), (".a", WEIR_DNS_A),
        (String(repeating: "x", count: 64), WEIR_DNS_A), ("a\0b", WEIR_DNS_A),
        (Array(repeating: "x", count: 130).joined(separator: "."), WEIR_DNS_A), ("a", 16),
    ])
    func whatCannotBeAskedIsRefused(name: String, type: Int) throws {
        let asker = try Asker("")
        let (status, text) = asker.lookUp(name, type, Answers())
        #expect(status == (type == 16 ? Status.unsupported : Status.invalid))
        #expect(!text.isEmpty)
    }

    @Test func aServerThatIsNoneIsNamed() throws {
        let asker = try Asker("localhost:53")
        let answers = Answers()
        asker.lookUp("a.test", WEIR_DNS_A, answers)
        guard case .failed(.never, let text)? = answers.all.first else {
            Issue.record("\(answers.all)")
            return
        }
        #expect(text.hasPrefix("WEIR_DNS_SERVER is \"localhost:53\": an IPv4 address is expected"))
    }

    @Test(arguments: [
        ("127.0.0.1", 53), ("127.0.0.1:5353", 5353), ("1.2.3", nil), ("1.2.3.4:", nil),
        ("1.2.3.4:0", nil), ("1.2.3.4:70000", nil), ("[::1]:53", nil), ("", nil),
        ("1.2.3.256", nil),
        ("1.2.3.4:5:6", nil),
    ])
    func serversAreRead(text: String, port: UInt16?) {
        #expect(NameServer(text)?.port == port)
    }

    /// The search list is the process's, so this one has a process of its own.
    @Test(.timeLimit(.minutes(1))) func searchDomainsAreTried() async {
        await #expect(processExitsWith: .success) {
            setenv("LOCALDOMAIN", "one.test two.test", 1)
            let server = ScriptedNameServer()
            server["web.two.test", 1] = .records([
                ScriptedNameServer.Record(type: 1, data: [10, 0, 0, 2])
            ])
            let asker = try DNSTableTests.Asker("127.0.0.1:\(server.port)")
            let answers = DNSTableTests.Answers()
            asker.lookUp("web", WEIR_DNS_A, answers)
            #expect(await answers.one() == .found([.init(target: "10.0.0.2", ttl: 60)]))
            #expect(server.asked == ["udp 1 web.one.test", "udp 1 web.two.test"])
            let none = DNSTableTests.Answers()
            asker.lookUp("web.", WEIR_DNS_A, none)
            #expect(await none.one() == .found([]))
            #expect(server.asked.last == "udp 1 web")
        }
    }
}
