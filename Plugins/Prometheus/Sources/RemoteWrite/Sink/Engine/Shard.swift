import WeirPrometheus

/// One thing to be sent for a series.
struct Record {
    enum Kind: UInt8 { case sample, histogram, exemplar }

    var series: UInt32
    var kind: Kind
    /// The bits of a sample's value; otherwise a place in ``Slots``.
    var value: UInt64
    /// Milliseconds since 1970; a start of 0 is none.
    var timestamp: Int64
    var start: Int64
}

/// Records of one batch that stand one after the other.
struct Run {
    var ticket: Int
    var records: Int
    /// Those of them that are samples or histograms.
    var samples: Int
}

/// A request that is under way or waits for its next attempt.
final class Flight {
    let records: [Record]
    let runs: [Run]
    let samples: Int
    /// When it was first sent, by the monotonic clock.
    let began: UInt64
    var body: [UInt8]
    var message: RemoteWriteMessage
    /// How many attempts have failed.
    var failures = 0
    var isSending = true

    init(
        _ records: [Record], _ runs: [Run], samples: Int, body: [UInt8],
        message: RemoteWriteMessage, began: UInt64
    ) {
        self.records = records
        self.runs = runs
        self.samples = samples
        self.body = body
        self.message = message
        self.began = began
    }
}

/// What waits for a part of all series, and the one request of these that may be under way.
struct Shard {
    private(set) var records: ContiguousArray<Record> = []
    private(set) var head = 0
    private(set) var runs: ContiguousArray<Run> = []
    private var runHead = 0
    /// How many records are in runs, from the first on; the others are of one batch.
    private var closed = 0
    /// Since when the first record waits, by the monotonic clock.
    var since: UInt64 = 0
    var flight: Flight?
    /// The alarm that counts; others come too late.
    var alarm: UInt64 = 0
    var isArmed = false

    var count: Int { records.count - head }

    /// An alarm that was set counts no longer.
    mutating func disarm() {
        alarm += 1
        isArmed = false
    }

    /// ``close(ticket:now:)`` follows, before anything is taken.
    @inline(__always)
    mutating func append(_ record: Record) { records.append(record) }

    /// Says which batch the records are of that were appended since the last time.
    mutating func close(ticket: Int, now: UInt64) {
        guard records.count > closed else { return }
        if closed == head { since = now }
        let added = records[closed...]
        runs.append(Run(ticket: ticket, records: added.count, samples: samples(in: added)))
        closed = records.count
    }

    /// Takes the first records, with the runs that they stand in.
    mutating func take(_ count: Int, now: UInt64) -> (records: [Record], runs: [Run]) {
        let taken = Array(records[head..<head + count])
        head += count
        var left = count
        var next = 0
        var takenRuns: [Run] = []
        while left > 0 {
            let size = min(left, runs[runHead].records)
            let samples = samples(in: taken[next..<next + size])
            takenRuns.append(Run(ticket: runs[runHead].ticket, records: size, samples: samples))
            runs[runHead].records -= size
            runs[runHead].samples -= samples
            if runs[runHead].records == 0 { runHead += 1 }
            left -= size
            next += size
        }
        compact()
        since = now
        return (taken, takenRuns)
    }

    /// Closes the gap before what waits when it is the larger part: what moves is less than what
    /// was taken. Memory that a backlog took is given back.
    private mutating func compact() {
        if head * 2 > records.count {
            if records.capacity > 4 * count + 8192 {
                records = ContiguousArray(records[head...])
            } else {
                records.removeSubrange(..<head)
            }
            head = 0
            closed = records.count
        }
        if runHead * 2 > runs.count {
            runs.removeSubrange(..<runHead)
            runHead = 0
        }
    }

    /// Everything that waits, by batches.
    func forEachRun(_ body: (ArraySlice<Record>, Int) -> Void) {
        var next = head
        for run in runs[runHead...] {
            body(ArraySlice(records[next..<next + run.records]), run.ticket)
            next += run.records
        }
    }
}

private func samples(in records: some Sequence<Record>) -> Int {
    records.reduce(0) { $0 + ($1.kind == .exemplar ? 0 : 1) }
}

/// Values that records refer to by number.
struct Slots<Value> {
    private var values: [Value?] = []
    private var free: [Int] = []

    subscript(index: UInt64) -> Value { values[Int(index)]! }

    mutating func add(_ value: Value) -> UInt64 {
        if let index = free.popLast() {
            values[index] = value
            return UInt64(index)
        }
        values.append(value)
        return UInt64(values.count - 1)
    }

    mutating func remove(_ index: UInt64) {
        values[Int(index)] = nil
        free.append(Int(index))
    }
}
