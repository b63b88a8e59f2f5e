import NIOCore

extension ClientLoop {
    /// Sends a request on to where its answer redirects it. False: the answer is what there is.
    func follow(_ call: ClientCall, _ response: ClientResponse) -> Bool {
        guard shared.options.followsRedirects, Redirect.isRedirect(response.status),
            let location = response.headers.first("location")
        else { return false }
        do throws(NetError) {
            try follow(call, response.status, location)
        } catch {
            call.finish(.failure(error))
        }
        return true
    }

    private func follow(
        _ call: ClientCall, _ status: Int, _ location: String
    ) throws(NetError) {
        guard call.redirects < Redirect.limit else {
            throw NetError(
                .protocolViolation,
                "\(shared.targetText) redirects to \(location) after \(Redirect.limit) redirects: do they go in a circle?"
            )
        }
        let options = shared.options
        let redirect = try Redirect(
            location: location, uri: call.uri, current: options.target, usesTLS: options.usesTLS)
        let next = try redirect.target.map { target throws(NetError) in
            try neighbours.loop(for: target, from: self)
        }
        // The scheme is known by now: an endpoint without one has been connected to.
        var here = options.target
        here.usesTLS = options.usesTLS
        call.redirect(
            to: redirect.uri,
            dropsBody: Redirect.dropsBody(status, method: call.request.method),
            leavesHost: redirect.target.map { !here.sharesCredentials(with: $0) } ?? false)
        (next ?? self).resend(call)
    }
}

/// The servers that others redirect to, on one event loop. Confined to it.
final class ClientNeighbours {
    /// More servers than this at once, and those that have nothing to do are left.
    private static let limit = 8

    private var loops: [String: ClientLoop] = [:]

    func loop(for target: TargetURL, from loop: ClientLoop) throws(NetError) -> ClientLoop {
        let key = "\(target.usesTLS ?? false) \(target.endpoint)"
        if let known = loops[key] { return known }
        if loops.count >= Self.limit {
            for (key, loop) in loops where loop.isUnused {
                loop.close()
                loops[key] = nil
            }
        }
        guard loops.count < Self.limit else {
            throw NetError(
                .protocolViolation,
                "\(loop.shared.targetText) redirects to \(target.endpoint), and \(Self.limit) other servers before: expected one or two"
            )
        }
        var options = loop.shared.options
        options.target = target
        // The name was meant for the first server.
        options.tls.serverNameOverride = nil
        let made = ClientLoop(
            shared: try ClientShared(options), eventLoop: loop.eventLoop, neighbours: self)
        loops[key] = made
        return made
    }

    func close() {
        let all = loops.values
        loops = [:]
        for loop in all { loop.close() }
    }
}
