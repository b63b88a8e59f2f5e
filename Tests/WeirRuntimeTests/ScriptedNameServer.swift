import Foundation
import Glibc
import Synchronization
import WeirTestKit

/// A name server on 127.0.0.1, over UDP and TCP, that says what a test tells it.
final class ScriptedNameServer: Sendable {
    struct Record: Sendable {
        var type: UInt16
        var data: [UInt8]
        var ttl: UInt32 = 60
    }

    enum Reply: Sendable {
        case records([Record])
        /// A response code: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
        case code(UInt8)
        case silence
        /// Not well-formed: the header, and nothing of what it promises.
        case garbage
    }

    let port: UInt16
    private let sockets: [LoopbackSocket]
    private let replies = Mutex<[String: Reply]>([:])
    private let questions = Mutex<[String]>([])

    /// Questions as `udp A name`, in order.
    var asked: [String] { questions.withLock { $0 } }

    subscript(_ name: String, _ type: UInt16) -> Reply? {
        get { replies.withLock { $0["\(type) \(name)"] } }
        set { replies.withLock { $0["\(type) \(name)"] = newValue } }
    }

    init() {
        let (udp, tcp) = Self.pair()
        port = UInt16(udp.port)
        sockets = [udp, tcp]
        Thread.detachNewThread { [self] in serveUDP(udp.descriptor) }
        Thread.detachNewThread { [self] in serveTCP(tcp.descriptor) }
    }

    /// Two sockets with one number.
    private static func pair() -> (udp: LoopbackSocket, tcp: LoopbackSocket) {
        while true {
            let udp = LoopbackSocket(.datagram)
            if let tcp = LoopbackSocket(.stream, port: udp.port) { return (udp, tcp) }
        }
    }

    private func serveUDP(_ socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &peer) { peer in
                peer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 0 else { return }
            guard var answer = answer(Array(buffer[..<count]), over: "udp") else { continue }
            if answer.count > 512 {
                // The answer does not fit: all of it is given over TCP.
                let question = buffer[12..<count]
                answer = Array(answer[..<12]) + question
                answer[2] |= 2
                answer[6...7] = [0, 0]
            }
            withUnsafePointer(to: &peer) { peer in
                peer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(socket, answer, answer.count, 0, $0, length)
                }
            }
        }
    }

    private func serveTCP(_ socket: Int32) {
        while true {
            let peer = accept(socket, nil, nil)
            guard peer >= 0 else { return }
            defer { close(peer) }
            var buffer = [UInt8](repeating: 0, count: 2048)
            let count = recv(peer, &buffer, buffer.count, 0)
            guard count > 2, let answer = answer(Array(buffer[2..<count]), over: "tcp") else {
                continue
            }
            let framed = [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer
            send(peer, framed, framed.count, 0)
        }
    }

    private func answer(_ query: [UInt8], over transport: String) -> [UInt8]? {
        var labels: [String] = []
        var at = 12
        while query[at] > 0 {
            let end = at + 1 + Int(query[at])
            labels.append(String(decoding: query[at + 1..<end], as: UTF8.self))
            at = end
        }
        let type = UInt16(query[at + 1]) << 8 | UInt16(query[at + 2])
        let name = labels.joined(separator: ".")
        questions.withLock { $0.append("\(transport) \(type) \(name)") }
        let question = query[12..<at + 5]
        func message(_ code: UInt8, _ count: Int, _ rest: [UInt8]) -> [UInt8] {
            var text: [UInt8] = [query[0], query[1], 0x81, 0x80 | code, 0, 1]
            text += Self.bytes(UInt32(count), 2) + [0, 0, 0, 0]
            return text + question + rest
        }
        switch self[name, type] {
        case .silence?: return nil
        case .garbage?: return message(0, 3, [0xC0])
        case .code(let code)?: return message(code, 0, [])
        case nil: return message(3, 0, [])
        case .records(let records)?:
            var rows: [UInt8] = []
            for record in records {
                rows += [0xC0, 12]
                rows += Self.bytes(UInt32(record.type), 2) + [0, 1]
                rows += Self.bytes(record.ttl, 4)
                rows += Self.bytes(UInt32(record.data.count), 2) + record.data
            }
            return message(0, records.count, rows)
        }
    }

    static func bytes(_ number: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * (count - 1 - $0))) }
    }

    /// A name as it is written in a message.
    static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
}
