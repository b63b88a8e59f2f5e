import Synchronization

/// Counts the requests of one port against its limits, before their bodies are read.
final class IntakeGate: Sendable {
    /// Why a request is not let in.
    struct Refusal: Sendable, Equatable {
        /// A word to count by.
        let reason: String
        let text: String
        let retryAfter: UInt64
        /// The one of the port's `limits` that says so.
        let setting: String
    }

    enum Answer: Sendable {
        case pass(IntakeTicket)
        case refuse(Refusal)
    }

    private struct Client {
        var inFlight = 0
        var meter: RateMeter
    }

    private struct State {
        var inFlight = 0
        var meter: RateMeter
        var clients: [String: Client] = [:]
        var sweptNano: UInt64
    }

    /// Clients that are remembered; beyond that they share one place.
    static let maxClients = 10_000
    private static let others = ""

    private let limits: IntakeLimits
    private let time: any HostTime
    private let state: Mutex<State>

    init(_ limits: IntakeLimits, time: any HostTime) {
        self.limits = limits
        self.time = time
        let now = time.monotonicNano
        state = Mutex(State(meter: RateMeter(limits.perSecond, atNano: now), sweptNano: now))
    }

    /// - Parameter peer: `203.0.113.7:52114`; a client is an address.
    func enter(peer: String) -> Answer {
        let now = time.monotonicNano
        let name = limits.isPerClient ? Self.address(in: peer) : Self.others
        let (refusal, client) = state.withLock { state -> (Refusal?, String) in
            let client = place(of: name, &state, now)
            if let found = self.refusal(of: client, &state, now) { return (found, client) }
            state.inFlight += 1
            if limits.isPerClient { state.clients[client]?.inFlight += 1 }
            return (nil, client)
        }
        return refusal.map { .refuse($0) } ?? .pass(IntakeTicket(client, of: self))
    }

    private func refusal(
        of name: String, _ state: inout sending State, _ now: UInt64
    ) -> Refusal? {
        if limits.inFlight > 0, state.inFlight >= limits.inFlight {
            return .busy(
                "\(limits.inFlight) requests are under way here already", "max_requests_in_flight")
        }
        if limits.inFlightPerClient > 0,
            state.clients[name]?.inFlight ?? 0 >= limits.inFlightPerClient
        {
            return .busy(
                "\(limits.inFlightPerClient) requests of yours are under way already",
                "max_requests_in_flight_per_client")
        }
        if limits.perSecond > 0, let wait = state.meter.take(limits.perSecond, atNano: now) {
            return .fast(
                "more than \(limits.perSecond) requests a second come here", wait,
                "requests_per_second")
        }
        if limits.perSecondPerClient > 0,
            let wait = state.clients[name]?.meter.take(limits.perSecondPerClient, atNano: now)
        {
            if limits.perSecond > 0 { state.meter.giveBack() }
            return .fast(
                "more than \(limits.perSecondPerClient) requests a second come from you", wait,
                "requests_per_second_per_client")
        }
        return nil
    }

    /// Where a client is counted: its own place, or that of all others if there are too many.
    private func place(
        of name: String, _ state: inout sending State, _ now: UInt64
    ) -> String {
        guard limits.isPerClient, state.clients[name] == nil else { return name }
        if state.clients.count >= Self.maxClients, now >= state.sweptNano + 1_000_000_000 {
            state.sweptNano = now
            for (name, client) in state.clients where client.inFlight == 0 {
                var meter = client.meter
                if meter.isFull(limits.perSecondPerClient, atNano: now) {
                    state.clients[name] = nil
                }
            }
        }
        let place = state.clients.count < Self.maxClients ? name : Self.others
        if state.clients[place] == nil {
            state.clients[place] = Client(
                meter: RateMeter(limits.perSecondPerClient, atNano: now))
        }
        return place
    }

    fileprivate func leave(_ client: String) {
        let now = time.monotonicNano
        state.withLock { state in
            state.inFlight -= 1
            guard limits.isPerClient, var entry = state.clients[client] else { return }
            entry.inFlight -= 1
            let isIdle =
                entry.inFlight == 0
                && (limits.perSecondPerClient == 0
                    || entry.meter.isFull(limits.perSecondPerClient, atNano: now))
            state.clients[client] = isIdle ? nil : entry
        }
    }

    /// Without the port. An address of IPv6 stands in brackets; a unix socket has none.
    private static func address(in peer: String) -> String {
        guard let colon = peer.lastIndex(of: ":") else { return peer }
        return String(peer[..<colon])
    }
}

extension IntakeGate.Refusal {
    fileprivate static func busy(_ text: String, _ setting: String) -> Self {
        .init(
            reason: "too_many_requests", text: "\(text): retry later", retryAfter: 1_000_000_000,
            setting: setting)
    }

    fileprivate static func fast(_ text: String, _ wait: UInt64, _ setting: String) -> Self {
        .init(
            reason: "rate_limited", text: "\(text): retry later", retryAfter: wait,
            setting: setting)
    }
}

/// One request that was let in, until it is answered.
final class IntakeTicket: Sendable {
    private let client: String
    private let gate: IntakeGate

    fileprivate init(_ client: String, of gate: IntakeGate) {
        self.client = client
        self.gate = gate
    }

    deinit { gate.leave(client) }
}

/// What a request holds from its head to its answer.
final class IntakeReservation: Sendable {
    let memory: BudgetReservation
    private let ticket: IntakeTicket

    init(_ memory: BudgetReservation, _ ticket: IntakeTicket) {
        self.memory = memory
        self.ticket = ticket
    }
}
