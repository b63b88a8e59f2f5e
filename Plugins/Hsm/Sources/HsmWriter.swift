import WeirJSON
import WeirSDK

/// The metrics of one reading.
struct HsmWriter {
    let prefix: String
    /// The token of the settings: a label of what must be there when no token is.
    let chosen: String

    /// - Parameters:
    ///   - isUp: nothing failed, and the probe's result aside, all that was asked for is there.
    ///   - known: tokens of this and of earlier collections.
    func write(
        _ reading: ModuleReading, isUp: Bool, known: Set<TokenReading.Name>, starts: Int,
        to metrics: inout Metrics
    ) {
        let whole: Attributes = ["token": .string(chosen)]
        let active = isUp ? reading.tokens.count { $0.isWatched } : 0
        metrics.gauge(
            prefix + "up", help: "Whether the module and the chosen token could be used.",
            isUp ? 1 : 0, whole)
        metrics.gauge(
            prefix + "connections_active",
            help: "Sessions of this exporter that answered in this collection.", active, whole)
        metrics.counter(
            prefix + "worker_starts_total",
            help: "How often the process that has the module loaded was started.", starts)
        if let info = reading.info {
            metrics.gauge(
                prefix + "module_info", help: "The PKCS#11 module.", 1,
                [
                    "manufacturer": .string(info["manufacturer"]?.stringValue ?? ""),
                    "description": .string(info["description"]?.stringValue ?? ""),
                    "version": .string(info["version"]?.stringValue ?? ""),
                    "cryptoki_version": .string(info["cryptoki"]?.stringValue ?? ""),
                ])
            metrics.gauge(prefix + "slots", help: "Slots of the module.", reading.tokens.count)
            metrics.gauge(
                prefix + "tokens", help: "Slots with a token.",
                reading.tokens.count { $0.isPresent })
        }
        let present = Set(reading.tokens.filter { $0.errors.isEmpty }.compactMap(\.name))
        for name in known.sorted(by: { ($0.token, $0.serial) < ($1.token, $1.serial) }) {
            metrics.gauge(
                prefix + "token_up", help: "Whether a token that was seen before is there.",
                present.contains(name) ? 1 : 0,
                ["token": .string(name.token), "serial": .string(name.serial)])
        }
        for token in reading.tokens { write(token, to: &metrics) }
    }

    private func write(_ token: TokenReading, to metrics: inout Metrics) {
        metrics.gauge(
            prefix + "slot_token_present", help: "Whether a token is in the slot.",
            token.isPresent ? 1 : 0,
            ["slot": .string(token.slot), "description": .string(token.text("description"))])
        guard let name = token.name else { return }
        let labels: Attributes = ["slot": .string(token.slot), "token": .string(name.token)]
        metrics.gauge(
            prefix + "token_info", help: "The token.", 1,
            labels.adding("manufacturer", .string(token.text("manufacturer")))
                .adding("model", .string(token.text("model")))
                .adding("serial", .string(token.text("serial")))
                .adding("firmware", .string(token.text("firmware")))
                .adding("hardware", .string(token.text("hardware"))))
        writeSessions(token, labels, to: &metrics)
        writeMemory(token, labels, to: &metrics)
        for flag in token.json["flags"]?.objectValue ?? [] {
            metrics.gauge(
                prefix + "token_flag", help: "The token's flags, the state of its PINs among them.",
                flag.value.boolValue == true ? 1 : 0, labels.adding("flag", .string(flag.key)))
        }
        if let count = token.number("mechanisms") {
            metrics.gauge(prefix + "mechanisms", help: "Mechanisms of the token.", count, labels)
        }
        for entry in token.json["objects"]?.objectValue ?? [] {
            metrics.gauge(
                prefix + "objects", help: "Objects that the session sees.",
                entry.value.integerValue ?? 0, labels.adding("class", .string(entry.key)))
        }
        writeCertificates(token, labels, to: &metrics)
        writeProbes(token, labels, to: &metrics)
    }

    private func writeSessions(
        _ token: TokenReading, _ labels: Attributes, to metrics: inout Metrics
    ) {
        let (all, writing) = (token.number("sessions"), token.number("rw_sessions"))
        let help = "Open sessions of all applications, read-only and read-write."
        if let writing {
            metrics.gauge(prefix + "sessions", help: help, writing, labels.adding("state", "rw"))
        }
        if let all {
            metrics.gauge(
                prefix + "sessions", help: help, max(0, all - (writing ?? 0)),
                labels.adding("state", "ro"))
        }
        for (key, state) in [("max_sessions", "any"), ("max_rw_sessions", "rw")] {
            guard let limit = token.number(key) else { continue }
            metrics.gauge(
                prefix + "sessions_max",
                help: "Sessions that can be open; without: no limit known.",
                limit, labels.adding("state", .string(state)))
        }
    }

    private func writeMemory(
        _ token: TokenReading, _ labels: Attributes, to metrics: inout Metrics
    ) {
        for kind in ["public", "private"] {
            let labels = labels.adding("kind", .string(kind))
            if let total = token.number("total_\(kind)") {
                metrics.gauge(
                    prefix + "memory_total_bytes", unit: "By", help: "Memory of the token.", total,
                    labels)
            }
            if let free = token.number("free_\(kind)") {
                metrics.gauge(
                    prefix + "memory_free_bytes", unit: "By", help: "Memory that is free.", free,
                    labels)
            }
        }
    }

    private func writeCertificates(
        _ token: TokenReading, _ labels: Attributes, to metrics: inout Metrics
    ) {
        // Nothing keeps two objects from the same label and identifier: the earlier end counts.
        var ends: [Certificate: Int64] = [:]
        for certificate in token.json["certificates"]?.arrayValue ?? [] {
            guard let end = certificate["not_after"]?.integerValue else { continue }
            func text(_ key: String) -> String { certificate[key]?.stringValue ?? "" }
            let name = Certificate(label: text("label"), id: text("id"), subject: text("subject"))
            ends[name] = min(end, ends[name] ?? end)
        }
        for (name, end) in ends.sorted(by: { $0.key.label < $1.key.label }) {
            metrics.gauge(
                prefix + "certificate_expiry_timestamp_seconds", unit: "s",
                help: "When the certificate ends, in seconds since 1970.", end,
                labels.adding("label", .string(name.label)).adding("id", .string(name.id))
                    .adding("subject", .string(name.subject)))
        }
    }

    private struct Certificate: Hashable { var label, id, subject: String }

    private func writeProbes(
        _ token: TokenReading, _ labels: Attributes, to metrics: inout Metrics
    ) {
        for probe in token.probes {
            let isGood = !probe.steps.isEmpty && probe.steps.allSatisfy { $0.code == "CKR_OK" }
            metrics.gauge(
                prefix + "probe_success",
                help: "Whether the key signed and verified, or encrypted and decrypted.",
                isGood ? 1 : 0,
                labels.adding("key", .string(probe.key))
                    .adding("mechanism", .string(probe.mechanism)))
        }
    }
}
