import Foundation
import Glibc
import Testing
import WeirSDK
import WeirTestKit

@testable import ProbePlugin

struct ProbeTests {
    private let host = FakeHost()

    @Test func conforms() throws { try conformance(plugin) }

    private func probe(_ target: String, _ module: String) throws -> [String: Double] {
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: #"{"modules": {"m": \#(module)}, "target": "\#(target)", "module": "m"}"#)
        let found = try instance.collect()
        try instance.end()
        return readings(found)
    }

    @Test func conversation() throws {
        let server = try CannedServer(greeting: "220 mail ready\r\n") { request in
            request.hasPrefix("EHLO mail") ? "250-hello\r\n250 ok\r\n" : "500 what\r\n"
        }
        let steps = #"""
            {"prober": "tcp", "tcp": {"query_response": [
              {"expect": "^220 ([a-z]+)", "send": "EHLO ${1}\r"}, {"expect": "^250 ok"}]}}
            """#
        #expect(try probe("127.0.0.1:\(server.port)", steps)["probe_success"] == 1)
        #expect(server.requests == ["EHLO mail\r\n"])
    }

    @Test func conversationThatFails() throws {
        let server = try CannedServer(greeting: "220 x\r\n") { _ in "HTTP/ bye\r\n" }
        let found = try probe(
            "127.0.0.1:\(server.port)",
            #"{"prober": "tcp", "tcp": {"query_response": [{"send": "a"}, {"expect": "^SSH"}]}}"#)
        #expect(found["probe_success"] == 0 && found["probe_failed_due_to_regex"] == 1)
    }

    /// What was slipped in before TLS is not taken for something that came under it.
    @Test func startTLSAfterMoreThanWasAskedFor() throws {
        let server = try CannedServer(greeting: "220 x\r\n250 slipped in\r\n") { _ in nil }
        let found = try probe(
            "127.0.0.1:\(server.port)",
            #"{"prober": "tcp", "tcp": {"query_response": [{"expect": "^220", "starttls": true}]}}"#
        )
        #expect(found["probe_success"] == 0)
        #expect(host.logs.contains { $0.message.contains("somebody may be in between") })
    }

    /// Servers that hang take no time from those that do not.
    @Test func whatHangsHoldsUpNoOther() throws {
        let server = try CannedServer { request in
            request.contains("GET /well") ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : nil
        }
        let paths = (0..<8).map { "hang\($0)" } + (0..<30).map { "well\($0)" }
        let targets = paths.map { #"{"target": "http://127.0.0.1:\#(server.port)/\#($0)"}"# }
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: #"{"targets": [\#(targets.joined(separator: ", "))]}"#)
        let found = try instance.collect(deadline: host.asSeenByPlugin.deadline(in: .seconds(4)))
        let values = found.named("probe_success").map(\.value)
        #expect(
            values == Array(repeating: .number(0), count: 8)
                + Array(repeating: .number(1), count: 30))
        try instance.end()
    }

    /// One that takes its time is as well as if it were alone.
    @Test func manyThatAreQuickTakeNoTimeFromOneThatIsSlow() throws {
        let server = try CannedServer { _ in
            usleep(1_000_000)
            return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        }
        let closed = LoopbackSocket.freePort()
        let quick = (0..<600).map {
            #"{"target": "localhost:\#(closed)", "module": "tcp_connect", "name": "\#($0)"}"#
        }
        let slow = #"{"target": "http://127.0.0.1:\#(server.port)/"}"#
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: #"{"targets": [\#((quick + [slow]).joined(separator: ", "))]}"#)
        let found = try instance.collect(deadline: host.asSeenByPlugin.deadline(in: .seconds(8)))
        #expect(found.named("probe_success").last?.value == .number(1))
        #expect(!host.logs.contains { $0.message.contains("lookups of names") })
        try instance.end()
    }

    /// Each that fails has a line, one that fails on has no other, and the end of it has one.
    @Test func whoFailsIsNamed() throws {
        let closed = (0..<8).map { _ in LoopbackSocket.freePort() }
        let targets = closed.map {
            #"{"target": "127.0.0.1:\#($0)", "module": "tcp_connect"}"#
        }
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: #"{"targets": [\#(targets.joined(separator: ", "))]}"#)
        for _ in 0..<3 {
            _ = try instance.collect()
            host.advance(by: .seconds(15))
        }
        let lines = host.logs.filter { $0.level == .warning }.map(\.message)
        #expect(lines.count == 8, "\(lines)")
        for port in closed { #expect(lines.contains { $0.hasPrefix("127.0.0.1:\(port): ") }) }
        try instance.end()
    }

    /// Which time ran out is in the line.
    @Test func aTimeoutHasAName() throws {
        let server = try CannedServer { _ in nil }
        let target = #""target": "127.0.0.1:\#(server.port)""#
        let module = #""prober": "tcp", "tcp": {"query_response": [{"expect": "x"}]}"#
        for (timeout, expected) in [
            (#", "timeout": "200ms""#, "the module's timeout of 0.2 s was over"),
            ("", "the time for collecting was over"),
        ] {
            let host = FakeHost()
            let instance = try host.start(
                plugin, .exporter, "probe",
                settings: #"{"modules": {"m": {\#(module)\#(timeout)}}, \#(target), "module": "m"}"#
            )
            _ = try instance.collect(deadline: host.asSeenByPlugin.deadline(in: .seconds(1)))
            #expect(
                host.logs.contains { $0.message.contains(expected) },
                "\(host.logs.map(\.message))")
            try instance.end()
        }
    }

    @Test func tcpConnects() throws {
        let server = try CannedServer { _ in nil }
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings: """
                {"targets": [
                  {"target": "127.0.0.1:\(server.port)", "module": "tcp_connect", "name": "open",
                   "labels": {"team": "a"}},
                  {"target": "127.0.0.1:\(LoopbackSocket.freePort())", "module": "tcp_connect", "name": "closed"},
                  {"target": "nothing", "module": "tcp_connect", "name": "wrong"}]}
                """)
        let found = try instance.collect().named("probe_success")
        #expect(found.map(\.value) == [.number(1), .number(0), .number(0)])
        #expect(
            found.first?.attributes == ["target": "open", "module": "tcp_connect", "team": "a"])
        try instance.end()
    }

    @Test(arguments: [
        (#"{"targets": [{"target": "a", "module": "nope"}]}"#, "there is no module 'nope'"),
        (#"{"targets": [{"target": "a"}, {"target": "a"}]}"#, "is there twice"),
        (#"{"targets": [{"target": "a", "labels": {"target": "b"}}]}"#, "label 'target'"),
        (#"{"modules": {"m": {"prober": "dns"}}}"#, "modules.m.dns is missing"),
        (
            #"{"modules": {"m": {"prober": "http", "http": {"fail_if_body_matches_regexp": ["("]}}}}"#,
            "modules.m.http.fail_if_body_matches_regexp: '('"
        ),
        (
            #"{"modules": {"m": {"prober": "dns", "dns": {"query_name": "a", "query_type": "XX"}}}}"#,
            "query_type is 'XX'"
        ),
        (#"{"target": "a", "hostname": "b\r\nX-Own: 1"}"#, "hostname has a blank"),
        (
            #"{"modules": {"m": {"prober": "http", "http": {"headers": {"A\r\nB": "x"}}}}}"#,
            "is no header"
        ),
    ])
    func wrongSettings(_ settings: String, _ message: String) {
        let error = #expect(throws: ComponentError.self) {
            try host.start(plugin, .exporter, "probe", settings: settings)
        }
        #expect(error?.message.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }

    /// Nothing of a password is in a log line or a label.
    @Test func secretsStaySecret() throws {
        let instance = try host.start(
            plugin, .exporter, "probe",
            settings:
                #"{"targets": [{"target": "http://me:geheim@127.0.0.1:\#(LoopbackSocket.freePort())/?token=geheim"}]}"#
        )
        let found = try instance.collect()
        #expect(!host.logs.isEmpty)
        #expect(!host.logs.contains { $0.message.contains("geheim") })
        #expect(!found.points.contains { "\($0.attributes)".contains("geheim") })
        try instance.end()
    }

    /// A name server on loopback that answers with what the tests of messages have.
    @Test func dns() throws {
        let server = LoopbackSocket(.datagram)
        let port = server.port
        Thread.detachNewThread { [socket = server.descriptor] in
            for _ in 0..<3 {
                var buffer = [UInt8](repeating: 0, count: 512)
                var from = sockaddr_in()
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                unsafe withUnsafeMutablePointer(to: &from) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                        _ = unsafe recvfrom(socket, &buffer, 512, 0, pointer, &size)
                        // One to another question first.
                        for id in [[buffer[0] ^ 1, buffer[1]], [buffer[0], buffer[1]]] {
                            let answer = id + DNSTests.answer.dropFirst(2)
                            unsafe _ = sendto(socket, answer, answer.count, 0, pointer, size)
                        }
                    }
                }
            }
        }
        func module(_ more: String) -> String {
            #"{"prober": "dns", "dns": {"query_name": "example.org"\#(more)}}"#
        }
        let found = try probe("127.0.0.1:\(port)", module(""))
        #expect(found["probe_success"] == 1)
        #expect(found["probe_dns_answer_rrs"] == 6 && found["probe_dns_serial"] == 42)
        #expect(found["probe_dns_query_succeeded"] == 1)
        let wrong = try probe(
            "127.0.0.1:\(port)",
            module(#", "validate_answer_rrs": {"fail_if_none_matches_regexp": ["203.0.113"]}"#))
        #expect(wrong["probe_success"] == 0)
        let code = try probe("127.0.0.1:\(port)", module(#", "valid_rcodes": ["NXDOMAIN"]"#))
        #expect(code["probe_success"] == 0)
        withExtendedLifetime(server) {}
    }
}
