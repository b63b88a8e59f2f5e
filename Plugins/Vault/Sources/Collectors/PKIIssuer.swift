import WeirJSON
import WeirSDK

/// The certificate of one authority of a PKI mount.
struct PKIIssuer: Sendable, Equatable {
    var mount: String
    /// The issuer's id; `default` where the server does not list issuers.
    var issuer: String
    var name: String
    var subject: String
    /// Seconds since 1970.
    var notAfter: Int64

    var attributes: Attributes {
        [
            "mount": .string(mount), "issuer": .string(issuer), "issuer_name": .string(name),
            "subject": .string(subject),
        ]
    }
}

/// Reads the authorities of the PKI mounts.
struct PKIReading {
    /// Issuers of one mount that are read at most.
    private static let maxIssuers = 100

    let server: VaultServer
    let token: String?
    /// What makes certificates of PEM.
    let certificates: ([UInt8]) throws(ComponentError) -> [Certificate]

    /// - Parameter mounts: empty: those that the server lists.
    func issuers(of mounts: [String]) throws(ComponentError) -> [PKIIssuer] {
        var found: [PKIIssuer] = []
        for mount in mounts.isEmpty ? try listMounts() : mounts.map(PKIReading.plain) {
            found += try issuers(of: mount)
        }
        return found
    }

    private static func plain(_ mount: String) -> String {
        mount.split(separator: "/").joined(separator: "/")
    }

    /// The mounts of type `pki`: all of them, or those that the token has a use for.
    private func listMounts() throws(ComponentError) -> [String] {
        guard token != nil else { return [] }
        var path = "sys/mounts"
        var answer = try server.get(path, token: token)
        if answer.code == 403 {
            path = "sys/internal/ui/mounts"
            answer = try server.get(path, token: token)
        }
        let json = try VaultServer.json(answer, of: path)
        let mounts = json["data"]?["secret"] ?? json["data"] ?? json
        return (mounts.objectValue ?? []).compactMap { member in
            member.value["type"]?.stringValue == "pki" ? PKIReading.plain(member.key) : nil
        }
    }

    private func issuers(of mount: String) throws(ComponentError) -> [PKIIssuer] {
        let path = "\(mount)/issuers?list=true"
        let answer = token == nil ? nil : try server.get(path, token: token)
        guard let answer, answer.code == 200,
            let data = try VaultServer.json(answer, of: path)["data"]
        else { return try defaultIssuer(of: mount) }
        var found: [PKIIssuer] = []
        for id in (data["keys"]?.arrayValue ?? []).compactMap(\.stringValue).prefix(
            PKIReading.maxIssuers)
        {
            let name = data["key_info"]?[id]?["issuer_name"]?.stringValue ?? ""
            found += try read("\(mount)/issuer/\(id)/pem", mount, id, name)
        }
        return found
    }

    private func defaultIssuer(of mount: String) throws(ComponentError) -> [PKIIssuer] {
        try read("\(mount)/ca/pem", mount, "default", "")
    }

    /// The certificate at a path that needs no token; none where the mount has no authority yet.
    private func read(
        _ path: String, _ mount: String, _ issuer: String, _ name: String
    ) throws(ComponentError) -> [PKIIssuer] {
        let answer = try server.get(path, token: token)
        if answer.code == 204 || answer.code == 404 { return [] }
        guard answer.code == 200 else { throw VaultServer.refusal(answer, of: path) }
        if answer.body.isEmpty { return [] }
        guard let certificate = try certificates(answer.body).first else {
            throw .refused("\(path) answered without a certificate, expected PEM")
        }
        return [
            PKIIssuer(
                mount: mount, issuer: issuer, name: name, subject: certificate.subject,
                notAfter: certificate.notAfter)
        ]
    }
}
