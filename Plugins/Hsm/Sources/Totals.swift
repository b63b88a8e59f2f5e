import WeirJSON
import WeirSDK

/// What adds up from collection to collection, and so outlives the worker.
struct Totals: Sendable {
    struct Signing: Hashable { var token, key, mechanism: String }

    /// These two are there from the start: a counter that begins with 1 has no increase.
    private var errors = ["TIMEOUT": 0, "CRASH": 0]
    private var operations: [String: Distribution] = [:]
    private var signing: [Signing: Distribution] = [:]

    mutating func error(_ code: String) { errors[code, default: 0] += 1 }

    mutating func operation(_ name: String, _ seconds: Double) {
        operations[name, default: Distribution()].add(seconds)
    }

    mutating func signed(_ what: Signing, _ seconds: Double) {
        signing[what, default: Distribution()].add(seconds)
    }

    func write(_ prefix: String, to metrics: inout Metrics) {
        for (code, count) in errors.sorted(by: { $0.key < $1.key }) {
            metrics.counter(
                prefix + "errors_total",
                help:
                    "Failed calls by PKCS#11's return value; TIMEOUT and CRASH are the module's end.",
                count, ["code": .string(code)])
        }
        for (name, times) in operations.sorted(by: { $0.key < $1.key }) {
            times.write(
                prefix + "operation_duration_seconds", "How long operations on the token took.",
                ["op": .string(name)], to: &metrics)
        }
        let keys = signing.sorted {
            ($0.key.key, $0.key.mechanism) < ($1.key.key, $1.key.mechanism)
        }
        for (what, times) in keys {
            times.write(
                prefix + "sign_duration_seconds", "How long the probe's signatures took.",
                [
                    "token": .string(what.token), "key": .string(what.key),
                    "mechanism": .string(what.mechanism),
                ], to: &metrics)
        }
    }
}
