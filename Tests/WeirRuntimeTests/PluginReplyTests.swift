import CWeir
import NIOCore
import Testing
import WeirNet

@testable import WeirRuntime

@Suite struct PluginReplyTests {
    @Test(arguments: [
        (NetError.Kind.tooLarge, Status.refused), (.closed, Status.retry),
        (.timeout, Status.timeout), (.protocolViolation, Status.retry),
    ])
    func failures(kind: NetError.Kind, status: weir_status) {
        var found = Status.ok
        unsafe withUnsafeMutablePointer(to: &found) { found in
            let reply = unsafe PluginReply(
                replied: { context, reply in
                    unsafe context!.assumingMemoryBound(to: weir_status.self).pointee =
                        unsafe reply!.pointee.status
                }, context: found)
            reply.call(.failure(NetError(kind, "no")))
        }
        #expect(found == status)
    }

    @Test(
        arguments: [(nil, 0), (.zero, 1), (.milliseconds(2), 2_000_000)] as [(TimeAmount?, UInt64)])
    func retryDelays(delay: TimeAmount?, nanoseconds: UInt64) {
        #expect(PluginReply.nanoseconds(delay) == nanoseconds)
    }
}
