import NIOCore
import NIOEmbedded
import NIOHPACK
import Testing

@testable import WeirNet

@Suite struct HTTP2FlowTests {
    private let bytes = [UInt8](repeating: 7, count: 16384)

    @Test func windowsAreGivenBackByHalves() throws {
        let fixture = try HTTP2Fixture(window: 1 << 20)
        try fixture.send(.request(1, end: false))
        var updates: [TestFrame] = []
        for _ in 0..<64 {
            try fixture.send(.data(1, bytes))
            updates += try fixture.frames()
        }
        // 1 MiB came: two halves of the stream's window, one of the connection's.
        #expect(
            updates.filter { $0.stream == 1 } == [
                .windowUpdate(1, 1 << 19), .windowUpdate(1, 1 << 19),
            ])
        #expect(updates.filter { $0.stream == 0 } == [.windowUpdate(0, 1 << 20)])
        #expect(fixture.session.dataBytes[1] == 1 << 20)
    }

    @Test func dataBeyondTheStreamsWindow() throws {
        let fixture = try HTTP2Fixture(window: 65535)
        try fixture.send(.request(1, end: false), .data(1, [UInt8](repeating: 0, count: 65536)))
        #expect(try fixture.verdict() == "reset 1 FLOW_CONTROL_ERROR")
    }

    @Test func paddingAndRefusedDataAreCreditedToo() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1, end: false))
        fixture.session.transport?.write(reset: .cancel, stream: 1)
        var credit: UInt32 = 0
        for _ in 0..<300 {
            // Each frame is padded to 16384 bytes: the peer has not seen the reset yet.
            try fixture.send(
                TestFrame(type: 0, flags: 8, stream: 1, payload: [255] + bytes.dropLast()))
            for frame in try fixture.frames() where frame.type == 8 {
                credit += frame.payload.reduce(0) { $0 << 8 | UInt32($1) }
            }
        }
        #expect(!fixture.session.isClosed)
        #expect(credit >= 4 << 20)
    }

    @Test func sendingWaitsForBothWindows() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1))
        let transport = try #require(fixture.session.transport)
        transport.write(headers: HTTP2HeaderList([":status": "200"]), stream: 1, endStream: false)
        let parts = (0..<10).map { ByteBuffer(repeating: UInt8($0), count: 20_000) }
        transport.write(parts: parts, stream: 1, endStream: false)
        transport.write(headers: HTTP2HeaderList(["grpc-status": "0"]), stream: 1, endStream: true)
        transport.flush()
        var sent = try fixture.frames()
        func data() -> [UInt8] { sent.filter { $0.type == 0 }.flatMap(\.payload) }
        #expect(data().count == 65535)
        #expect(sent.allSatisfy { $0.payload.count <= 16384 })
        // The stream's window alone changes nothing.
        try fixture.send(.windowUpdate(1, 1 << 20))
        sent += try fixture.frames()
        #expect(data().count == 65535)
        try fixture.send(.windowUpdate(0, 100))
        sent += try fixture.frames()
        #expect(data().count == 65635)
        try fixture.send(.windowUpdate(0, 1 << 20))
        sent += try fixture.frames()
        #expect(data() == parts.flatMap { Array($0.readableBytesView) })
        // The trailers come last, and end the stream.
        #expect(sent.last?.type == 1)
        #expect(sent.last?.flags == 5)
    }

    @Test func settingsShrinkAndGrowOpenStreams() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1), .setting(4, 10))
        let transport = try #require(fixture.session.transport)
        transport.write(headers: HTTP2HeaderList([":status": "200"]), stream: 1, endStream: false)
        transport.write(data: ByteBuffer(repeating: 1, count: 30), stream: 1, endStream: true)
        transport.flush()
        #expect(try fixture.frames().filter { $0.type == 0 }.map(\.payload.count) == [10])
        try fixture.send(.setting(4, 0))
        try fixture.send(.windowUpdate(1, 10))
        #expect(try fixture.frames().filter { $0.type == 0 }.isEmpty)
        try fixture.send(.setting(4, 100))
        let rest = try fixture.frames().filter { $0.type == 0 }
        #expect(rest.map(\.payload.count) == [20])
        #expect(rest.first?.flags == 1)
    }

    @Test func largerFramesWhenThePeerAllows() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(
            .request(1), .setting(5, 1 << 20), .setting(4, 1 << 24), .windowUpdate(0, 1 << 24))
        let transport = try #require(fixture.session.transport)
        transport.write(headers: HTTP2HeaderList([":status": "200"]), stream: 1, endStream: false)
        let parts = (0..<80).map { ByteBuffer(repeating: UInt8($0), count: 43_000) }
        transport.write(parts: parts, stream: 1, endStream: true)
        transport.flush()
        let data = try fixture.frames().filter { $0.type == 0 }
        #expect(data.map(\.payload.count) == [1 << 20, 1 << 20, 1 << 20, 80 * 43_000 - 3 << 20])
        #expect(data.flatMap(\.payload) == parts.flatMap { Array($0.readableBytesView) })
        #expect(data.map(\.flags) == [0, 0, 0, 1])
    }

    @Test func interleavedStreamsShareTheWindowInTurn() throws {
        let fixture = try HTTP2Fixture()
        let transport = try #require(fixture.session.transport)
        for id: UInt32 in [1, 3, 5] {
            try fixture.send(.request(id))
            transport.write(
                headers: HTTP2HeaderList([":status": "200"]), stream: id, endStream: false)
            transport.write(
                data: ByteBuffer(repeating: 1, count: 60_000), stream: id, endStream: true)
        }
        transport.flush()
        _ = try fixture.frames()
        var order: [UInt32] = []
        for _ in 0..<30 {
            try fixture.send(.windowUpdate(0, 10_000))
            order += try fixture.frames().filter { $0.flags == 1 && $0.type == 0 }.map(\.stream)
        }
        #expect(Set(order) == [3, 5])
    }

    @Test func headerBlocksAreRememberedOnlyWhileTheTableStands() throws {
        let fixture = try HTTP2Fixture()
        func literal(_ path: String) -> [UInt8] {
            [0x44, UInt8(path.utf8.count)] + Array(path.utf8)
        }
        func send(_ id: UInt32, _ block: [UInt8]) throws {
            try fixture.send(TestFrame(type: 1, flags: 5, stream: id, payload: block))
        }
        try send(1, [0x83, 0x86] + literal("/a"))
        try send(3, [0x83, 0x86, 0xBE])
        try send(5, [0x83, 0x86, 0xBE])
        try send(7, [0x83, 0x86] + literal("/b"))
        // The same bytes now mean another field.
        try send(9, [0x83, 0x86, 0xBE])
        try send(11, [0x83, 0x86, 0xBF])
        #expect(
            fixture.session.events == [
                "headers 1 /a end", "headers 3 /a end", "headers 5 /a end", "headers 7 /b end",
                "headers 9 /b end", "headers 11 /a end",
            ])
    }

    @Test func sentListsAreRememberedOnlyWhileTheTableStands() throws {
        let fixture = try HTTP2Fixture()
        let transport = try #require(fixture.session.transport)
        let list = HTTP2HeaderList([":status": "200", "content-type": "application/grpc"])
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        for id: UInt32 in stride(from: 1, to: 40, by: 2) {
            try fixture.send(.request(id))
            let other = HTTP2HeaderList([":status": "200", "x-id": "\(id)"])
            transport.write(headers: id % 8 == 1 ? other : list, stream: id, endStream: true)
            transport.flush()
            for frame in try fixture.frames() where frame.type == 1 {
                var block = ByteBuffer(bytes: frame.payload)
                let headers = try decoder.decodeHeaders(from: &block)
                #expect(headers == (id % 8 == 1 ? other : list).headers)
            }
        }
    }

    @Test func tooManyStreamsAreRefused() throws {
        let fixture = try HTTP2Fixture()
        for id: UInt32 in stride(from: 1, to: 20, by: 2) {
            try fixture.send(.request(id, end: false))
        }
        #expect(try fixture.verdict() == "nothing")
        try fixture.send(.request(21, end: false))
        #expect(try fixture.verdict() == "reset 21 REFUSED_STREAM")
        try fixture.send(.data(21, [1]))
        #expect(!fixture.session.isClosed)
    }

    @Test func closingWaitsForWhatIsBlocked() throws {
        let fixture = try HTTP2Fixture()
        try fixture.send(.request(1))
        let transport = try #require(fixture.session.transport)
        transport.write(headers: HTTP2HeaderList([":status": "200"]), stream: 1, endStream: false)
        transport.write(data: ByteBuffer(repeating: 1, count: 70_000), stream: 1, endStream: true)
        transport.close()
        transport.flush()
        #expect(fixture.channel.isActive)
        try fixture.send(.windowUpdate(0, 10_000), .windowUpdate(1, 10_000))
        #expect(!fixture.channel.isActive)
        #expect(
            try fixture.frames().filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
                == 70_000)
    }
}
