import Glibc
import WeirSDK

/// Certificates in files and folders. What has not changed is not read again.
struct CertificateFiles {
    private static let endings = [".pem", ".crt", ".cer", ".cert", ".der"]

    private let streams: Streams
    private var known: [String: (stamp: FileStamp, certificates: [Certificate])] = [:]

    init(_ streams: Streams) { self.streams = streams }

    /// The files that a path stands for: itself, or what looks like a certificate in a folder.
    /// Hidden names are left out, and with them Kubernetes' own `..data`.
    static func files(_ path: String) throws(ComponentError) -> [String] {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? ""
            throw .retry("\(path): \(reason)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let names = try Files.names(in: path).filter { name in
            !name.hasPrefix(".") && endings.contains { name.hasSuffix($0) }
        }
        return names.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    mutating func certificates(_ path: String) throws(ComponentError) -> [Certificate] {
        guard let stamp = FileStamp(path) else {
            known[path] = nil
            throw .retry("\(path) is gone")
        }
        if let known = known[path], known.stamp == stamp { return known.certificates }
        known[path] = nil
        let bytes = try Files.read(path)
        let found: [Certificate]
        do throws(ComponentError) {
            found = try streams.certificates(in: bytes)
        } catch {
            throw .refused("\(path): \(error.message)")
        }
        guard !found.isEmpty else { throw .refused("\(path) has no certificate in it") }
        known[path] = (stamp, found)
        return found
    }

    /// `web` for `/etc/ssl/web.pem`; for names that all have, such as `tls.crt`, the folder's.
    static func name(_ path: String) -> String {
        let steps = path.split(separator: "/")
        guard let file = steps.last else { return path }
        let common = ["tls.crt", "ca.crt", "cert.pem", "fullchain.pem", "chain.pem", "ca.pem"]
        if common.contains(where: { file == $0 }), steps.count > 1 {
            let folder = String(steps[steps.count - 2])
            return file == "tls.crt" || file == "cert.pem" || file == "fullchain.pem"
                ? folder : "\(folder)/\(stem(file))"
        }
        return stem(file)
    }

    private static func stem(_ file: Substring) -> String {
        guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return String(file) }
        return String(file[..<dot])
    }
}
