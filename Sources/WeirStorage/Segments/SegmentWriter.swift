import CWeirSystem
import Glibc
import NIOCore

/// Appends to one segment. Used by one thread.
@safe final class SegmentWriter {
    let number: UInt64
    private let file: OpenFile
    private let salt: UInt32
    private let calls: DiskCalls
    /// Up to where everything is written.
    private(set) var offset: UInt64

    /// Makes the file. Its name is durable after `Directory.sync`.
    init(_ directory: String, number: UInt64, unixNano: UInt64, calls: DiskCalls)
        throws(StorageError)
    {
        self.number = number
        self.calls = calls
        salt = UInt32.random(in: 0...UInt32.max)
        let path = SegmentName.path(directory, number)
        file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        offset = 0
        let header = SegmentHeader(number: number, unixNano: unixNano, salt: salt).bytes
        do throws(StorageError) {
            try write(header, bodies: [])
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Writes records one behind the other. Returns where each begins. If it fails, nothing was
    /// written, and this segment takes no more.
    func write(_ appends: ArraySlice<QueueAppend>) throws(StorageError) -> [UInt64] {
        var headers: [UInt8] = []
        headers.reserveCapacity(appends.count * RecordHeader.size)
        var places: [UInt64] = []
        places.reserveCapacity(appends.count)
        var place = offset
        for append in appends {
            var sum: UInt32 = 0
            for part in append.parts {
                unsafe part.withUnsafeReadableBytes { bytes in
                    unsafe sum = weir_crc32c(sum, bytes.baseAddress, bytes.count)
                }
            }
            RecordHeader(
                salt: salt, id: append.record.id, unixNano: append.record.unixNano,
                items: UInt32(append.record.items), length: UInt32(append.record.byteCount),
                bodySum: sum, signal: append.record.signal
            ).append(to: &headers)
            places.append(place)
            place += UInt64(RecordHeader.size + append.record.byteCount)
        }
        try write(headers, bodies: appends)
        return places
    }

    /// Puts on stable storage what was written. If it fails, what of it is there is not known: the
    /// segment is cut back to `start`, and takes no more.
    func sync(from start: UInt64) throws(StorageError) {
        guard calls.sync(file.descriptor) == 0 else {
            let error = StorageError("sync", file.path, errno: errno)
            cut(to: start)
            throw error
        }
    }

    private func cut(to end: UInt64) {
        offset = end
        _ = calls.truncate(file.descriptor, off_t(end))
    }

    private func write(
        _ headers: [UInt8], bodies: ArraySlice<QueueAppend>
    ) throws(StorageError) {
        let start = offset
        let failure = unsafe headers.withUnsafeBytes { headers -> Int32 in
            let base = unsafe UnsafeMutableRawPointer(mutating: headers.baseAddress!)
            var slices: [iovec] = unsafe []
            if bodies.isEmpty {
                unsafe slices.append(iovec(iov_base: base, iov_len: headers.count))
            }
            for (index, append) in bodies.enumerated() {
                unsafe slices.append(
                    iovec(
                        iov_base: base + index * RecordHeader.size, iov_len: RecordHeader.size))
                for part in append.parts where part.readableBytes > 0 {
                    // Valid outside of the closure: NIO's storage is on the heap and never moves, and
                    // `bodies` holds it.
                    unsafe part.withUnsafeReadableBytes { bytes in
                        unsafe slices.append(
                            iovec(
                                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress!),
                                iov_len: bytes.count))
                    }
                }
            }
            return unsafe write(&slices)
        }
        guard failure == 0 else {
            cut(to: start)
            throw StorageError("write", file.path, errno: failure)
        }
    }

    private static let slicesAtOnce = 1024

    /// Returns 0 or errno.
    private func write(_ slices: inout [iovec]) -> Int32 {
        unsafe slices.withUnsafeMutableBufferPointer { slices in
            var next = 0
            while next < slices.count {
                let count = min(slices.count - next, Self.slicesAtOnce)
                var written = unsafe calls.write(
                    file.descriptor, slices.baseAddress! + next, Int32(count), off_t(offset))
                if written < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                // A disk that takes nothing and says nothing is full.
                if written == 0 { return ENOSPC }
                offset += UInt64(written)
                while written > 0 {
                    let length = unsafe slices[next].iov_len
                    if written >= length {
                        written -= length
                        next += 1
                    } else {
                        unsafe slices[next].iov_base = unsafe slices[next].iov_base! + written
                        unsafe slices[next].iov_len = length - written
                        written = 0
                    }
                }
            }
            return 0
        }
    }
}

/// Segments are `0000000001.segment`, ascending.
enum SegmentName {
    static let suffix = ".segment"

    static func path(_ directory: String, _ number: UInt64) -> String {
        let digits = String(number)
        return directory + "/" + String(repeating: "0", count: max(10 - digits.count, 0)) + digits
            + suffix
    }

    static func number(_ name: String) -> UInt64? {
        guard name.hasSuffix(suffix) else { return nil }
        return UInt64(name.dropLast(suffix.count))
    }
}
