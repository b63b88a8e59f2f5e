import CWeir

/// Names looked up in the Domain Name System, without blocking.
@safe public struct DNS: @unchecked Sendable {  // Sendable: a constant table, any-thread
    /// Types of records, with their numbers in RFC 1035, RFC 2782 and RFC 3596.
    public enum RecordType: UInt32, Sendable, CaseIterable {
        case a = 1
        case ns = 2
        case mx = 15
        case aaaa = 28
        case srv = 33
    }

    public struct Record: Sendable, Hashable {
        /// A, AAAA: the address as text; otherwise a name without its final dot.
        public var target: String
        /// Seconds.
        public var ttl: UInt32
        /// MX (there: preference) and SRV.
        public var priority: UInt16
        /// SRV.
        public var weight: UInt16
        /// SRV.
        public var port: UInt16

        public init(
            _ target: String, ttl: UInt32 = 0, priority: UInt16 = 0, weight: UInt16 = 0,
            port: UInt16 = 0
        ) {
            self.target = target
            self.ttl = ttl
            self.priority = priority
            self.weight = weight
            self.port = port
        }
    }

    public enum Answer: Sendable, Equatable {
        /// In the order of the answer; never empty.
        case found([Record])
        /// The servers know of none: the name does not exist, or has none of this type.
        case notFound
        /// No server gave an answer that could be used.
        case failed(ComponentError)
    }

    private let host: Host
    private let api: UnsafePointer<weir_dns>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_DNS, weir_dns.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Looks up the records of one type as the machine's resolv.conf says: its servers, its search
    /// domains for a name with fewer than `ndots` dots and no final one.
    ///
    /// `answered` is called exactly once, unless this throws: by the deadline (`none`: when the
    /// resolver gives up) and before the component is released; possibly before this returns, on any
    /// thread. It must not block.
    public func lookup(
        _ name: String, _ type: RecordType, deadline: Deadline = .none,
        _ answered: @escaping @Sendable (Answer) -> Void
    ) throws(ComponentError) {
        let context = unsafe Unmanaged.passRetained(AnswerBox(answered))
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe withSlice(name) {
                    unsafe api.pointee.lookup(
                        host.table, $0, type.rawValue, deadline.monotonicNanoseconds,
                        AnswerBox.answered, context.toOpaque(), error)
                }
            }
        } catch {
            unsafe context.release()
            throw error
        }
    }
}

private final class AnswerBox: Sendable {
    let answered: @Sendable (DNS.Answer) -> Void
    init(_ answered: @escaping @Sendable (DNS.Answer) -> Void) { self.answered = answered }

    static let answered:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_dns_answer>?) -> Void = {
            let box = unsafe Unmanaged<AnswerBox>.fromOpaque($0!).takeRetainedValue()
            box.answered(unsafe DNS.Answer($1!))
        }
}

extension DNS.Answer {
    fileprivate init(_ raw: UnsafePointer<weir_dns_answer>) {
        let status = unsafe raw.pointee.status
        guard status == Status.ok else {
            self = unsafe .failed(
                ComponentError(status: status, message: raw.pointee.message.string))
            return
        }
        let records = unsafe UnsafeBufferPointer(
            start: raw.pointee.records, count: raw.pointee.record_count
        ).map { record in
            unsafe DNS.Record(
                record.target.string, ttl: record.ttl, priority: record.priority,
                weight: record.weight, port: record.port)
        }
        self = records.isEmpty ? .notFound : .found(records)
    }
}

extension Host {
    /// The resolver, if this host has one.
    public var dns: DNS? { DNS(self) }
}
