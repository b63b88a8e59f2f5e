import Glibc

/// What lies in the folder of a queue, found out without changing anything, beside a process that
/// works there or not.
package struct QueueReport: Sendable, Equatable {
    package struct Signal: Sendable, Equatable {
        package var records = 0
        package var items = 0
        package var bytes = 0
    }

    /// There is a queue: a segment, an index, or what was set aside of them.
    package private(set) var isThere = false
    /// What is not delivered, by signal (sdk/include/weir/types.h).
    package private(set) var pending: [UInt8: Signal] = [:]
    /// Records that are delivered and still lie in a segment.
    package private(set) var done = 0
    package private(set) var segments = 0
    package private(set) var segmentBytes: UInt64 = 0
    /// When the oldest that is pending was stored, in Unix time, ns.
    package private(set) var oldestNano: UInt64?
    /// Pieces of segments that are not what was written, and that nobody has dealt with yet.
    package private(set) var damaged = 0
    /// Such pieces of which nothing is to be delivered any more: they are in quarantine, or had been
    /// delivered before. They go with their segment.
    package private(set) var settled = 0
    /// Bytes of an unfinished write.
    package private(set) var tornBytes: UInt64 = 0
    /// Files in quarantine.
    package private(set) var quarantined: [String] = []
    /// Why the index is not believed.
    package private(set) var indexDoubt: String?

    /// Reads every record.
    package init(_ directory: String) throws(StorageError) {
        let names = try Directory.names(in: directory)
        let numbers = names.compactMap(SegmentName.number).sorted()
        isThere =
            !numbers.isEmpty
            || names.contains { QueueIndex.files.contains($0) || $0 == "quarantine" }
        quarantined = (try? Directory.names(in: directory + "/quarantine")) ?? []
        var known: [UInt64: (end: UInt64, live: [Catalogue.Entry])] = [:]
        do throws(SQLiteFailure) {
            switch try QueueIndex.peek(directory) {
            case .success(let index):
                for (segment, rows) in index {
                    known[segment.number] = (segment.end, rows.map(\.entry))
                }
            case .failure(let doubt): indexDoubt = doubt.reason
            }
        } catch {
            indexDoubt = error.message
        }
        for number in numbers {
            // One that is gone meanwhile was done with.
            guard let file = try? OpenFile(SegmentName.path(directory, number), O_RDONLY),
                let size = try? file.size
            else { continue }
            add(file, size, known[number], Quarantine(directory))
        }
    }

    private mutating func add(
        _ file: OpenFile, _ size: UInt64, _ known: (end: UInt64, live: [Catalogue.Entry])?,
        _ quarantine: Quarantine
    ) {
        segments += 1
        segmentBytes += size
        let header = SegmentHeader((try? file.read(SegmentHeader.size, at: 0)) ?? [])
        var scan = SegmentScan(file, size: size, salt: header?.salt)
        scan.run(from: UInt64(SegmentHeader.size))
        let live = Set(known?.live.map(\.id) ?? [])
        for finding in scan.findings {
            switch finding {
            case .damaged(let offset, let bytes, _):
                let place = offset..<offset + bytes
                let isPassed = known.map { known in
                    offset < known.end && !known.live.contains { place.contains($0.offset) }
                }
                if isPassed == true || quarantine.holds(file, place) {
                    settled += 1
                } else {
                    damaged += 1
                }
            case .torn(_, let bytes): tornBytes += bytes
            case .record(let record, let offset):
                if let known, offset < known.end, !live.contains(record.id) {
                    done += 1
                    continue
                }
                pending[record.signal, default: Signal()].records += 1
                pending[record.signal, default: Signal()].items += Int(record.items)
                pending[record.signal, default: Signal()].bytes += Int(record.length)
                oldestNano = min(oldestNano ?? .max, record.unixNano)
            }
        }
    }

    /// Nothing is wrong, or nothing any more.
    package var isSound: Bool { damaged == 0 && indexDoubt == nil }
}

extension DurableQueue {
    /// Reads all that is not removed; what is damaged goes to quarantine, and is counted in the
    /// statistics. Returns how many records are whole.
    package func verify() throws(StorageError) -> Int {
        var whole = 0
        for record in pending() {
            do throws(StorageError) {
                _ = try read(record.id)
                whole += 1
            } catch {
                guard error.code == .damaged || error.code == .missing else { throw error }
            }
        }
        return whole
    }
}
