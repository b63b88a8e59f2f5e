import WeirJSON

/// What one port of a receiver takes at most, of all its clients and of each; 0: no limit.
struct IntakeLimits: Sendable, Equatable {
    /// Requests that are being read or that wait for their answer.
    var inFlight = 0
    var inFlightPerClient = 0
    /// Requests in a second; a second's worth may come at once.
    var perSecond = 0.0
    var perSecondPerClient = 0.0

    init() {}

    /// From "weir:request_limits", validated.
    init(_ settings: JSONValue?) {
        func count(_ key: String) -> Int { Int(settings?[key]?.integerValue ?? 0) }
        inFlight = count("max_requests_in_flight")
        inFlightPerClient = count("max_requests_in_flight_per_client")
        perSecond = settings?["requests_per_second"]?.doubleValue ?? 0
        perSecondPerClient = settings?["requests_per_second_per_client"]?.doubleValue ?? 0
    }

    var areNone: Bool { self == IntakeLimits() }
    var isPerClient: Bool { inFlightPerClient > 0 || perSecondPerClient > 0 }
}

/// What may pass in a second, as a value: the caller gives the time.
struct RateMeter: Sendable {
    private var allowance: Double
    private var lastNano: UInt64

    init(_ rate: Double, atNano now: UInt64) {
        allowance = max(rate, 1)
        lastNano = now
    }

    /// Lets one through, or says how long to wait for the next.
    mutating func take(_ rate: Double, atNano now: UInt64) -> UInt64? {
        refill(rate, atNano: now)
        if allowance >= 1 {
            allowance -= 1
            return nil
        }
        return UInt64((1 - allowance) / rate * 1e9)
    }

    /// Gives back what was taken for nothing.
    mutating func giveBack() { allowance += 1 }

    /// Whether nothing of it is remembered any more.
    mutating func isFull(_ rate: Double, atNano now: UInt64) -> Bool {
        refill(rate, atNano: now)
        return allowance >= max(rate, 1)
    }

    private mutating func refill(_ rate: Double, atNano now: UInt64) {
        guard now > lastNano else { return }
        allowance = min(max(rate, 1), allowance + Double(now - lastNano) / 1e9 * rate)
        lastNano = now
    }
}
