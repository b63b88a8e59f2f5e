import CWeirSystem
import Glibc
import NIOPosix
import Synchronization

/// Looks names up on threads of its own, because the C library's resolver blocks.
package final class NameResolver: Sendable {
    /// The one of this process; the environment is read once.
    package static let shared = NameResolver(
        server: unsafe getenv(NameServer.variable).map { unsafe String(cString: $0) })

    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    private let server: NameServer?
    private let problem: String?

    /// - Parameter server: see ``NameServer``; `nil` or empty: what resolv.conf says.
    package init(server: String?) {
        let text = server ?? ""
        self.server = NameServer(text)
        problem =
            text.isEmpty || self.server != nil
            ? nil
            : "\(NameServer.variable) is \"\(text)\": an IPv4 address is expected, with or "
                + "without a port, such as 127.0.0.1:53"
    }

    /// Answers by the deadline, on some thread.
    func resolve(_ lookup: NameLookup, time: any HostTime) {
        if let problem {
            lookup.answer(.failed(.never, problem))
            return
        }
        let server = self.server
        Self.threads.submit { _ in
            // Whoever asked may have gone while this waited for a thread.
            if lookup.isAnswered { return }
            var seconds: UInt32 = 0
            if lookup.deadlineNano > 0 {
                let now = time.monotonicNano
                let left = lookup.deadlineNano > now ? lookup.deadlineNano - now : 0
                seconds = UInt32(clamping: max(1, (left + 999_999_999) / 1_000_000_000))
            }
            lookup.answer(Self.ask(lookup.name, lookup.type, server, seconds))
        }
    }

    private static func ask(
        _ name: String, _ type: UInt32, _ server: NameServer?, _ seconds: UInt32
    ) -> NameAnswer {
        let records = RecordList()
        let context = unsafe Unmanaged.passUnretained(records).toOpaque()
        let result = unsafe weir_name_search(
            name, Int32(clamping: type), server?.address, server?.port ?? 0, seconds,
            { context, record in
                let records = unsafe Unmanaged<RecordList>.fromOpaque(context!)
                    .takeUnretainedValue()
                let record = unsafe record!.pointee
                unsafe records.list.append(
                    NameAnswer.Record(
                        target: unsafe String(cString: record.target), ttl: record.ttl,
                        priority: record.priority, weight: record.weight, port: record.port))
            }, context)
        withExtendedLifetime(records) {}
        switch Int(result) {
        case WEIR_NAME_ANSWERED: return .found(records.list)
        case WEIR_NAME_REFUSED:
            return .failed(.never, "the name servers refuse to look up \(name)")
        default:
            let asked = server.map { "\($0.address):\($0.port)" } ?? "in /etc/resolv.conf"
            return .failed(
                .later, "no name server (\(asked)) gave an answer for \(name) that can be used")
        }
    }
}

private final class RecordList {
    var list: [NameAnswer.Record] = []
}
