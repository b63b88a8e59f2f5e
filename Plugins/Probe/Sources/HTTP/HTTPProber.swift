import WeirSDK

/// The prober `http`: HTTP/1.1, with or without TLS.
struct HTTPProber: Prober {
    private static let mostRedirects = 10

    private let request: HTTPRequest
    private let expectations: HTTPExpectations
    private let choice: AddressChoice
    private let tls: TLSSettings?
    private let follows: Bool
    private let sizeLimit: Int

    init(_ settings: HTTPSettings, _ compiler: PatternCompiler) throws(ComponentError) {
        request = try HTTPRequest(settings, compiler.module)
        expectations = try HTTPExpectations(settings, compiler)
        choice = AddressChoice(settings.preferredIPProtocol, settings.ipProtocolFallback)
        tls = settings.tlsConfig
        follows = settings.followRedirects ?? !(settings.noFollowRedirects ?? false)
        sizeLimit = settings.bodySizeLimit ?? 0
    }

    func probe(
        _ target: String, hostname: String?, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        var run = HTTPRun()
        defer { run.write(to: &attempt.readings) }
        let first = try ProbeURL(target)
        var url = first
        var method = request.method
        while true {
            // What is said of a host is not said of those that it leads to.
            let isSameHost = url.host == first.host
            let answer = try exchange(
                url, method, isSameHost ? hostname : nil,
                isSameHost ? tls : tls?.ofAnotherHost, isTrusted: url.isTrusted(by: first), &run,
                &attempt)
            let location = answer.header("location").first ?? ""
            if follows, [301, 302, 303, 307, 308].contains(answer.code), !location.isEmpty {
                run.redirects += 1
                guard run.redirects <= HTTPProber.mostRedirects else {
                    run.giveUp()
                    throw ProbeFailure("there are more than \(HTTPProber.mostRedirects) redirects")
                }
                if answer.code <= 303, method != "GET", method != "HEAD" { method = "GET" }
                url = try url.following(location)
                continue
            }
            if let problem = expectations.problem(answer, isSecure: url.isSecure) {
                run.failedByPattern = problem.isByPattern
                throw ProbeFailure(problem.text)
            }
            return
        }
    }

    /// One request and its answer, on a connection of its own.
    private func exchange(
        _ url: ProbeURL, _ method: String, _ hostname: String?, _ tls: TLSSettings?,
        isTrusted: Bool, _ run: inout HTTPRun, _ attempt: inout Attempt
    ) throws(ProbeFailure) -> ResponseParser {
        let host = attempt.host
        let address = try run.address(of: url.host, choice, &attempt)
        run.hasConnected = true
        var choice: TLSChoice?
        if url.isSecure { choice = TLSChoice(tls, name: hostname ?? url.host) }
        let began = host.monotonic
        let stream = try attempt.connect(address, port: url.port, tls: choice)
        let info = stream.info
        let connected = info.connected ?? host.monotonic
        run.phases.connect += seconds(began, connected)
        if let choice {
            run.phases.tls += seconds(connected, info.secured ?? host.monotonic)
            run.isSecure = false
            try attempt.look(at: stream, choice)
            run.isSecure = true
        } else {
            run.isSecure = false
        }
        let sent = host.monotonic
        do throws(ComponentError) {
            try stream.write(
                request.bytes(url, method, hostname: hostname, isTrusted: isTrusted),
                deadline: attempt.deadline)
            var parser = ResponseParser(method: method, keepsBody: expectations.looksAtBody)
            var firstByte: UInt64?
            while !parser.isDone {
                let bytes = try stream.read(limit: 32 << 10, deadline: attempt.deadline)
                if firstByte == nil {
                    firstByte = host.monotonic
                    run.phases.processing += seconds(sent, host.monotonic)
                }
                do throws(ProbeFailure) {
                    if bytes.isEmpty { try parser.end() } else { try parser.take(bytes) }
                } catch {
                    run.note(parser)
                    throw .refused(error.message)
                }
                if sizeLimit > 0, parser.bodyLength > sizeLimit {
                    run.note(parser)
                    throw .refused("the body is larger than body_size_limit, \(sizeLimit) bytes")
                }
            }
            run.phases.transfer += seconds(firstByte ?? sent, host.monotonic)
            run.note(parser)
            return parser
        } catch {
            throw ProbeFailure(error)
        }
    }

    private func seconds(_ from: UInt64, _ to: UInt64) -> Double {
        to > from ? Double(to - from) / 1e9 : 0
    }
}
