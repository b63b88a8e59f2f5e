import CWeir

/// weir/ext/dns.h by the C library's resolver.
enum DNSTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_dns(
            size: UInt32(MemoryLayout<weir_dns>.size), reserved: 0,
            lookup: { host, name, type, deadline, answered, context, error in
                let instance = unsafe ComponentInstance.from(host)
                let name = unsafe name.string
                if let (status, text) = problem(name, type) {
                    unsafe error!.pointee.set(status, text)
                    return status
                }
                let reply = unsafe PluginAnswer(answered: answered!, context: context)
                guard instance.lookUp(name, type, deadline, reply) else {
                    unsafe error!.pointee.set(Status.cancelled, "the component was stopped")
                    return Status.cancelled
                }
                return Status.ok
            }))

    private static let knownTypes = [
        WEIR_DNS_A, WEIR_DNS_NS, WEIR_DNS_MX, WEIR_DNS_AAAA, WEIR_DNS_SRV,
    ]

    private static func problem(_ name: String, _ type: UInt32) -> (weir_status, String)? {
        if !knownTypes.contains(Int(type)) {
            return (
                Status.unsupported,
                "records of type \(type) are not looked up: A, AAAA, SRV, MX and NS are"
            )
        }
        let labels = (name.hasSuffix(".") ? name.dropLast() : name[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            name.utf8.count <= 254
            && labels.allSatisfy { (1...63).contains($0.utf8.count) && !$0.utf8.contains(0) }
        return isName
            ? nil
            : (
                Status.invalid,
                "\"\(name.prefix(80))\" is not a domain name: parts of 1 to 63 characters with "
                    + "dots between them are expected, 253 characters at most"
            )
    }
}

/// A plugin's function for an answer, called once.
@safe struct PluginAnswer: @unchecked Sendable {  // the context is the plugin's to guard
    let answered: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_dns_answer>?) -> Void
    let context: UnsafeMutableRawPointer?

    func call(_ answer: NameAnswer) {
        var raw = unsafe weir_dns_answer()
        unsafe raw.size = UInt32(MemoryLayout<weir_dns_answer>.size)
        switch answer {
        case .found(let records): unsafe call(records, &raw)
        case .failed(let failure, let text):
            unsafe raw.status = failure.status
            let bytes = Array(text.utf8)
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe raw.message = weir_slice(data: bytes.baseAddress, length: bytes.count)
                unsafe answered(context, &raw)
            }
        }
    }

    private func call(
        _ records: [NameAnswer.Record], _ raw: inout weir_dns_answer
    ) {
        // One block of text for all records, so that nothing nests.
        var text: [UInt8] = []
        let ranges = records.map { record in
            let start = text.count
            text += record.target.utf8
            return start..<text.count
        }
        unsafe text.withUnsafeBufferPointer { text in
            let rows = unsafe zip(records, ranges).map { record, range in
                unsafe weir_dns_record(
                    ttl: record.ttl, priority: record.priority, weight: record.weight,
                    port: record.port, reserved: 0, reserved2: 0,
                    target: weir_slice(
                        data: text.baseAddress.map { unsafe $0 + range.lowerBound },
                        length: range.count))
            }
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe raw.records = rows.baseAddress
                unsafe raw.record_count = rows.count
                unsafe answered(context, &raw)
            }
        }
    }
}

extension NameAnswer.Failure {
    fileprivate var status: weir_status {
        switch self {
        case .later: Status.retry
        case .never: Status.refused
        case .timeout: Status.timeout
        case .cancelled: Status.cancelled
        }
    }
}

extension ComponentInstance {
    /// False: the component is going, and gets no answers any more.
    fileprivate func lookUp(
        _ name: String, _ type: UInt32, _ deadlineNano: UInt64, _ reply: PluginAnswer
    ) -> Bool {
        let made = lookups.add { done in
            NameLookup(name: name, type: type, deadlineNano: deadlineNano) { answer in
                done()
                self.crumbed { reply.call(answer) }
            }
        }
        guard let lookup = made else { return false }
        if deadlineNano > 0 {
            let now = services.time.monotonicNano
            let timer = services.time.schedule(
                afterNano: deadlineNano > now ? deadlineNano - now : 0
            ) {
                lookup.answer(
                    .failed(.timeout, "no name server gave an answer for \(name) in time"))
            }
            lookup.cancelsWhenAnswered(timer)
        }
        services.names.resolve(lookup, time: services.time)
        return true
    }
}
