import Glibc

/// A folder for bytes that are not what was written: somebody may still want to look at them.
struct Quarantine: Sendable {
    private let directory: String
    /// No more is kept than this.
    private let maxBytes: UInt64

    init(_ queue: String, maxBytes: UInt64 = 256 << 20) {
        directory = queue + "/quarantine"
        self.maxBytes = maxBytes
    }

    /// Copies a piece of a file. Returns where to, or `nil` if that did not work.
    func keep(_ file: OpenFile, offset: UInt64, bytes: UInt64) -> String? {
        let name = file.path.split(separator: "/").last ?? ""
        let path = "\(directory)/\(name)-\(offset)"
        do throws(StorageError) {
            try Directory.make(directory)
            guard try size + bytes <= maxBytes else { return nil }
            let copy = try OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC)
            var done: UInt64 = 0
            while done < bytes {
                let piece = try file.read(Int(min(bytes - done, 1 << 20)), at: offset + done)
                guard !piece.isEmpty, piece.count == Self.write(piece, to: copy) else {
                    unsafe unlink(path)
                    return nil
                }
                done += UInt64(piece.count)
            }
            return path
        } catch {
            unsafe unlink(path)
            return nil
        }
    }

    /// Whether a piece of a file was kept before, as a whole or as several that follow each other.
    func holds(_ file: OpenFile, _ place: Range<UInt64>) -> Bool {
        let name = file.path.split(separator: "/").last ?? ""
        var offset = place.lowerBound
        while offset < place.upperBound {
            guard let copy = try? OpenFile("\(directory)/\(name)-\(offset)", O_RDONLY),
                let size = try? copy.size, size > 0, offset + size <= place.upperBound,
                Self.isCopy(copy, size, of: file, at: offset)
            else { return false }
            offset += size
        }
        return true
    }

    private static func isCopy(
        _ copy: OpenFile, _ size: UInt64, of file: OpenFile, at offset: UInt64
    ) -> Bool {
        for done in stride(from: 0, to: size, by: 1 << 20) {
            let count = Int(min(size - done, 1 << 20))
            guard let one = try? copy.read(count, at: done), one.count == count,
                let other = try? file.read(count, at: offset + done), one == other
            else { return false }
        }
        return true
    }

    /// Moves files that are of no use any more, all under one name.
    func move(_ paths: [String], as name: String) -> String? {
        do throws(StorageError) { try Directory.make(directory) } catch { return nil }
        var to: String?
        for path in paths {
            let own = path.split(separator: "/").last ?? ""
            let target = "\(directory)/\(name)-\(own)"
            if unsafe rename(path, target) == 0, to == nil { to = target }
            unsafe unlink(path)
        }
        return to
    }

    private var size: UInt64 {
        get throws(StorageError) {
            var sum: UInt64 = 0
            for name in try Directory.names(in: directory) {
                var status = stat()
                if unsafe stat("\(directory)/\(name)", &status) == 0 {
                    sum += UInt64(status.st_size)
                }
            }
            return sum
        }
    }

    private static func write(_ bytes: [UInt8], to file: OpenFile) -> Int {
        unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(file.descriptor, $0.baseAddress, $0.count)
        }
    }
}
