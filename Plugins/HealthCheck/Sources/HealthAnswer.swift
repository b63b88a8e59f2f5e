import WeirJSON
package import WeirSDK

/// What a probe is told.
package struct HealthAnswer: Sendable, Equatable {
    package var code: UInt32
    package var contentType: String
    package var body: [UInt8]

    /// - Parameters:
    ///   - health: of the process. Errors that pass by themselves are no reason to restart it.
    ///   - upSince: nanoseconds since 1970; `nil`: it is not up.
    ///   - uptime: nanoseconds.
    package init(_ health: Health, upSince: UInt64?, uptime: UInt64, custom: ResponseBody) {
        let isUp = HealthAnswer.isUp(health)
        code = isUp ? 200 : 503
        if let text = isUp ? custom.healthy : custom.unhealthy, !text.isEmpty {
            body = Array(text.utf8)
            let isJSON = (try? JSONValue(parsing: body)) != nil
            contentType = isJSON ? "application/json" : "text/plain; charset=utf-8"
            return
        }
        contentType = "application/json"
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string(isUp ? "Server available" : "Server not available")
        json.key("upSince")
        // The zero of Go's time, which is what the Collector answers while it is not up.
        json.string(
            isUp ? CalendarTime(unixNanoseconds: upSince ?? 0).rfc3339 : "0001-01-01T00:00:00Z")
        json.key("uptime")
        json.string(isUp ? goDuration(uptime) : "")
        json.endObject()
        body = json.bytes
    }

    /// Starting, stopping, and errors that stay are not up.
    package static func isUp(_ health: Health) -> Bool {
        health == .ok || health == .recoverableError
    }
}
