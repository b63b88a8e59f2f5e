/// What a probe by DNS has come to so far.
struct DNSRun {
    var resolve = 0.0
    var connect = 0.0
    var request = 0.0
    private var counts = (answer: 0, authority: 0, additional: 0)
    private var isAnswered = false
    private var serial: UInt32?

    mutating func take(_ message: DNSMessage) {
        isAnswered = true
        counts = (message.answer.count, message.authority.count, message.additional.count)
        serial = message.answer.lazy.compactMap(\.serial).first
    }

    func write(to readings: inout Readings) {
        for (phase, seconds) in [("resolve", resolve), ("connect", connect), ("request", request)] {
            readings.set(
                "probe_dns_duration_seconds", seconds,
                labels: [Readings.Label(name: "phase", value: phase)],
                help: "How long a phase took.")
        }
        readings.set(
            "probe_dns_answer_rrs", Double(counts.answer), help: "Records in the answer.")
        readings.set(
            "probe_dns_authority_rrs", Double(counts.authority),
            help: "Records about the authority.")
        readings.set(
            "probe_dns_additional_rrs", Double(counts.additional), help: "Additional records.")
        readings.set(
            "probe_dns_query_succeeded", Double(isAnswered), help: "1: there was an answer.")
        if let serial {
            readings.set("probe_dns_serial", Double(serial), help: "The serial number of the zone.")
        }
    }
}
