import WeirSDK

/// The prober `tcp`: connects, and has a conversation of lines if one is configured.
struct TCPProber: Prober {
    private struct Step: Sendable {
        let expect: RegularExpression?
        let send: String?
        let startsTLS: Bool
    }

    private static let longestLine = 64 << 10

    private let steps: [Step]
    private let tls: TLSSettings?
    private let isSecure: Bool
    private let choice: AddressChoice

    init(_ settings: TCPSettings, _ compiler: PatternCompiler) throws(ComponentError) {
        var steps: [Step] = []
        for (index, step) in (settings.queryResponse ?? []).enumerated() {
            var expect: RegularExpression?
            if let pattern = step.expect, !pattern.isEmpty {
                expect = try compiler.one(pattern, "tcp.query_response[\(index)].expect")
            }
            steps.append(
                Step(expect: expect, send: step.send, startsTLS: step.starttls ?? false))
        }
        self.steps = steps
        tls = settings.tlsConfig
        isSecure = settings.tls ?? false
        choice = AddressChoice(settings.preferredIPProtocol, settings.ipProtocolFallback)
    }

    func probe(
        _ target: String, hostname: String?, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        attempt.readings.set(
            "probe_failed_due_to_regex", 0,
            help: "1: a regular expression was the reason for the failure.")
        let (name, port) = try ProbeURL.hostAndPort(target)
        let found = attempt.resolve(name, choice)
        guard let address = found.address else { throw ProbeFailure(found.problem) }
        let secure = TLSChoice(tls, name: hostname ?? name)
        let stream = try attempt.connect(address, port: port, tls: isSecure ? secure : nil)
        if isSecure { try attempt.look(at: stream, secure) }
        var lines = LineReader(stream, attempt.deadline, limit: TCPProber.longestLine)
        for step in steps {
            try run(step, &lines, &attempt)
            guard step.startsTLS else { continue }
            // It would be taken for something that came under TLS.
            guard lines.isEmpty else {
                throw ProbeFailure(
                    "the server sent more before TLS than was asked for: somebody may be in between"
                )
            }
            do throws(ComponentError) {
                try stream.startTLS(
                    attempt.settings(address.endpoint(port), secure), deadline: attempt.deadline)
            } catch {
                throw ProbeFailure(error)
            }
            try attempt.look(at: stream, secure)
        }
    }

    private func run(
        _ step: Step, _ lines: inout LineReader, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        var groups: [String?] = []
        if let expect = step.expect {
            while true {
                guard let line = try lines.next() else {
                    attempt.readings.set(
                        "probe_failed_due_to_regex", 1,
                        help: "1: a regular expression was the reason for the failure.")
                    throw ProbeFailure("no line matched '\(expect.pattern)' before the end")
                }
                guard let found = expect.firstMatch(line) else { continue }
                groups = found
                break
            }
        }
        guard let send = step.send else { return }
        let text = TCPProber.expand(send, groups)
        do throws(ComponentError) {
            try lines.stream.write(Array((text + "\n").utf8), deadline: attempt.deadline)
        } catch {
            throw ProbeFailure(error)
        }
    }

    /// Puts captures in place of `${1}` and `$1`; `$$` is a dollar sign.
    static func expand(_ template: String, _ groups: [String?]) -> String {
        var result = ""
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.first == "{"
            let inner = isBraced ? rest.dropFirst() : rest
            let digits = inner.prefix { $0.isASCII && $0.isNumber }
            let after = inner[digits.endIndex...]
            guard let number = Int(digits), !isBraced || after.first == "}" else {
                result += "$"
                continue
            }
            if groups.indices.contains(number) { result += groups[number] ?? "" }
            rest = isBraced ? after.dropFirst() : after
        }
        return result + rest
    }
}

/// Lines from a stream.
struct LineReader {
    let stream: Stream
    private let deadline: Deadline
    private let limit: Int
    private var pending: [UInt8] = []
    private var isAtEnd = false

    init(_ stream: Stream, _ deadline: Deadline, limit: Int) {
        self.stream = stream
        self.deadline = deadline
        self.limit = limit
    }

    /// Whether nothing came beyond the last line.
    var isEmpty: Bool { pending.isEmpty }

    /// Without its end; `nil` at the end of the stream.
    mutating func next() throws(ProbeFailure) -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                var line = pending[..<end]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                defer { pending.removeFirst(end + 1) }
                return String(decoding: line, as: UTF8.self)
            }
            if isAtEnd {
                guard !pending.isEmpty else { return nil }
                defer { pending = [] }
                return String(decoding: pending, as: UTF8.self)
            }
            guard pending.count <= limit else {
                throw ProbeFailure("a line is longer than \(limit) bytes")
            }
            do throws(ComponentError) {
                // No more than a line may be taken before TLS begins, and lines are short.
                let bytes = try stream.read(limit: 4096, deadline: deadline)
                isAtEnd = bytes.isEmpty
                pending += bytes
            } catch {
                throw ProbeFailure(error)
            }
        }
    }
}
