import Glibc
import WeirSDK

/// Certificates in files and folders. What has not changed is not read again.
struct CertificateFiles {
    /// What tells one state of a file from the next, links followed: where Kubernetes mounts a
    /// secret, another folder takes the place of `..data`, and with it the file has another number.
    private struct Stamp: Equatable {
        var device: UInt64
        var number: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    private static let endings = [".pem", ".crt", ".cer", ".cert", ".der"]

    private let streams: Streams
    private var known: [String: (stamp: Stamp, certificates: [Certificate])] = [:]

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
        guard let stream = unsafe opendir(path) else { throw .retry("\(path) cannot be listed") }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix("."), endings.contains(where: { name.hasSuffix($0) }) {
                names.append(name)
            }
        }
        return names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    mutating func certificates(_ path: String) throws(ComponentError) -> [Certificate] {
        guard let stamp = Stamp(path) else {
            known[path] = nil
            throw .retry("\(path) is gone")
        }
        if let known = known[path], known.stamp == stamp { return known.certificates }
        known[path] = nil
        let bytes = try SmallFile.read(path)
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
