import Glibc
import NIOCore
import Testing

@testable import WeirNet

/// What people read of connections that fail.
@Suite struct NetErrorTests {
    @Test(arguments: [
        (ECONNRESET, "perhaps this port speaks TLS"), (EPIPE, "perhaps this port speaks TLS"),
        (ECONNREFUSED, "is the server running"),
    ])
    func saysWhatToLookAt(_ code: Int32, _ expected: String) {
        let error = NetError(
            connectingTo: "a:1", IOError(errnoCode: code, reason: "read(descriptor:pointer:size:)"))
        #expect(error.message.contains(expected), "\(error.message)")
        #expect(!error.message.contains("errno"), "\(error.message)")
    }

    @Test func plaintextIsNoQuestionOfTrust() {
        struct Handshake: Error, CustomStringConvertible {
            let description = "SSL routines:WRONG_VERSION_NUMBER"
        }
        let message = NetError(tlsWith: "a:1", Handshake()).message
        #expect(
            message.contains("use an http:// endpoint, or for one without a scheme"), "\(message)")
    }
}
