import WeirJSON
import WeirSDK

/// One certificate of a proxy.
struct ProxyCertificate: Sendable, Hashable {
    /// `ca` or `chain`.
    var kind: String
    var path: String
    /// Its first alternative name: the identity, of a workload's certificate.
    var name: String

    var attributes: Attributes {
        ["kind": .string(kind), "path": .string(path), "san": .string(name)]
    }
}

/// Reads the answer of Envoy's `/certs`: when each certificate ends, in seconds since 1970. Of those
/// that look the same (a rotation is under way) the one that ends first counts.
func proxyCertificates(_ body: [UInt8]) throws(ComponentError) -> [(ProxyCertificate, Double)] {
    guard let json = try? JSONValue(parsing: body), let list = json["certificates"]?.arrayValue
    else { throw .refused("/certs answered without certificates, expected Envoy's JSON") }
    var order: [ProxyCertificate] = []
    var ends: [ProxyCertificate: Double] = [:]
    for entry in list {
        for (key, kind) in [("ca_cert", "ca"), ("cert_chain", "chain")] {
            for item in entry[key]?.arrayValue ?? [] {
                guard let text = item["expiration_time"]?.stringValue,
                    let end = CalendarTime(rfc3339: text)?.unixNanoseconds
                else { continue }
                let names = item["subject_alt_names"]?.arrayValue ?? []
                let name = names.first.flatMap { name in
                    ["uri", "dns", "ip_address"].compactMap { name[$0]?.stringValue }.first
                }
                let certificate = ProxyCertificate(
                    kind: kind, path: item["path"]?.stringValue ?? "", name: name ?? "")
                if ends[certificate] == nil { order.append(certificate) }
                ends[certificate] = min(Double(end) / 1e9, ends[certificate] ?? .infinity)
            }
        }
    }
    return order.compactMap { certificate in ends[certificate].map { (certificate, $0) } }
}

extension Metrics {
    /// Both forms that people alert on: the moment, and the days that are left.
    mutating func add(_ certificates: [(ProxyCertificate, Double)], prefix: String, now: UInt64) {
        for (certificate, end) in certificates {
            gauge(
                "\(prefix)_certificate_expiry_timestamp_seconds",
                help: "When a certificate of the proxy ends, in seconds since 1970.", end,
                certificate.attributes)
            gauge(
                "\(prefix)_certificate_days_until_expiry",
                help: "Days until a certificate of the proxy ends.",
                (end - Double(now) / 1e9) / 86400, certificate.attributes)
        }
    }
}
