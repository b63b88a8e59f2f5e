import Testing

@testable import WeirRuntime

/// Requests that are let in, and those that are told to come back.
@Suite struct IntakeGateTests {
    private func gate(
        inFlight: Int = 0, client: Int = 0, rate: Double = 0, clientRate: Double = 0,
        time: VirtualTime = VirtualTime()
    ) -> IntakeGate {
        var limits = IntakeLimits()
        (limits.inFlight, limits.inFlightPerClient) = (inFlight, client)
        (limits.perSecond, limits.perSecondPerClient) = (rate, clientRate)
        return IntakeGate(limits, time: time)
    }

    private func pass(_ gate: IntakeGate, _ peer: String = "10.0.0.1:1") throws -> IntakeTicket {
        guard case .pass(let ticket) = gate.enter(peer: peer) else {
            throw Refused()
        }
        return ticket
    }

    private func refusal(_ gate: IntakeGate, _ peer: String = "10.0.0.1:1") -> IntakeGate.Refusal? {
        if case .refuse(let refusal) = gate.enter(peer: peer) { refusal } else { nil }
    }

    private struct Refused: Error {}

    @Test func countsUntilTheAnswer() throws {
        let gate = gate(inFlight: 2)
        var first: IntakeTicket? = try pass(gate)
        let second = try pass(gate, "10.0.0.2:1")
        let told = try #require(refusal(gate))
        #expect(told.reason == "too_many_requests" && told.retryAfter >= 1_000_000_000)
        #expect(told.setting == "max_requests_in_flight")
        #expect(first != nil)
        first = nil
        _ = try pass(gate)
        withExtendedLifetime(second) {}
    }

    @Test(arguments: [("10.0.0.1", "10.0.0.2"), ("[2001:db8::1]", "[2001:db8::2]")])
    func oneClientLeavesRoomForTheOthers(own: String, other: String) throws {
        let gate = gate(inFlight: 3, client: 2)
        let held = [try pass(gate, own + ":1"), try pass(gate, own + ":2")]
        #expect(refusal(gate, own + ":3")?.text.contains("of yours") == true)
        let third = try pass(gate, other + ":1")
        #expect(refusal(gate, other + ":2")?.text.contains("here already") == true)
        withExtendedLifetime((held, third)) {}
    }

    @Test func aSecondsWorthMayComeAtOnce() throws {
        let time = VirtualTime()
        let gate = gate(rate: 10, time: time)
        for _ in 0..<10 { _ = try pass(gate) }
        let told = try #require(refusal(gate))
        #expect(told.reason == "rate_limited")
        #expect((99_000_000...100_000_000).contains(told.retryAfter))
        time.advance(seconds: 0.1)
        _ = try pass(gate)
        #expect(self.refusal(gate) != nil)
        time.advance(seconds: 60)
        for _ in 0..<10 { _ = try pass(gate) }
        #expect(self.refusal(gate) != nil)
    }

    /// Over ten seconds each gets what it is promised, however hard one of them tries.
    @Test func ratesAreKeptForEachClient() throws {
        let time = VirtualTime()
        let gate = gate(rate: 50, clientRate: 20, time: time)
        var passed = ["10.0.0.1:1": 0, "10.0.0.2:1": 0]
        for round in 0..<1000 {
            time.advance(seconds: 0.01)
            for (peer, every) in [("10.0.0.1:1", 1), ("10.0.0.2:1", 10)] where round % every == 0 {
                if refusal(gate, peer) == nil { passed[peer]! += 1 }
            }
        }
        #expect((200...221).contains(passed["10.0.0.1:1"]!))
        #expect(passed["10.0.0.2:1"] == 100)
    }

    @Test func manyClientsShareOnePlace() throws {
        let gate = gate(client: 1)
        var held: [IntakeTicket] = []
        for client in 0..<IntakeGate.maxClients { held.append(try pass(gate, "c\(client):1")) }
        held.append(try pass(gate, "late:1"))
        #expect(refusal(gate, "later:1") != nil, "no room to remember it: it shares a place")
        held.removeAll()
        _ = try pass(gate, "later:1")
    }
}
