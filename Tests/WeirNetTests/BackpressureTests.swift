import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import WeirNet

/// A peer that sends without reading must not make us hold its answers without end.
@Suite struct BackpressureTests {
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var reads = 0
        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }
    }

    private func reads(isServer: Bool) throws -> (blocked: Int, after: Int) {
        let fixture = try HTTP2Fixture(isServer: isServer)
        let counter = ReadCounter()
        try fixture.channel.pipeline.syncOperations.addHandler(counter, position: .first)
        fixture.channel.isWritable = false
        fixture.channel.pipeline.fireChannelWritabilityChanged()
        fixture.channel.read()
        let blocked = counter.reads
        fixture.channel.isWritable = true
        fixture.channel.pipeline.fireChannelWritabilityChanged()
        return (blocked, counter.reads)
    }

    @Test func aServerStopsReading() throws {
        #expect(try reads(isServer: true) == (0, 1))
    }

    @Test func aClientGoesOnReading() throws {
        #expect(try reads(isServer: false) == (1, 1))
    }

    @Test func http1AnswersThatNobodyReads() throws {
        let fixture = try ServerFixture { $0.maxRequestBodyBytes = 1 << 20 }
        defer { try? fixture.stop() }
        let socket = try RawSocket(port: fixture.port)
        let body = String(repeating: "x", count: 1 << 20)
        let request =
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
        // Far more than the sockets hold: the writer only ends once the reader has begun.
        // A thread of its own: those of tasks may all be taken by tests that block.
        Thread.detachNewThread { for _ in 0..<40 { socket.send(request) } }
        var bytes = 0
        var chunk = 0
        repeat {
            chunk = socket.receiveSome()
            bytes += chunk
        } while bytes < 40 << 20 && chunk > 0
        #expect(bytes >= 40 << 20)
    }
}
