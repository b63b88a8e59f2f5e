import CWeir
import Testing
import WeirTelemetry

@testable import WeirSDK

/// A host whose tables are shorter than this SDK knows them.
@Suite struct OlderHostTests {
    /// `weir.status/1` as it was before it could count attempts.
    private static let status: UInt = {
        let table = UnsafeMutablePointer<weir_status_api>.allocate(capacity: 1)
        unsafe table.initialize(to: weir_status_api())
        let size = unsafe MemoryLayout<weir_status_api>.offset(of: \.attempt_failed)!
        unsafe table.pointee.size = UInt32(size)
        unsafe table.pointee.process = { _ in UInt32(WEIR_STATE_OK) }
        // What stands behind a shorter table is none of ours.
        unsafe table.pointee.attempt_failed = { _, _, _, _ in fatalError("beyond the table") }
        return UInt(bitPattern: table)
    }()

    @Test func whatItDoesNotHaveIsNotCalled() {
        let table = UnsafeMutablePointer<weir_host>.allocate(capacity: 1)
        unsafe table.initialize(to: weir_host())
        defer { unsafe table.deallocate() }
        unsafe table.pointee.extension = { _, _ in
            UnsafeRawPointer(bitPattern: OlderHostTests.status)
        }
        let health = unsafe Host(table).status
        #expect(health?.process == .ok)
        health?.attemptFailed(3, .metrics, reason: "retry")
    }
}
