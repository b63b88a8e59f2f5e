import Synchronization
public import WeirSDK

/// A `Host` points to its table and does not keep it; who has one may outlive any scope of a test.
private let lentHosts = Mutex<[ObjectIdentifier: FakeHost]>([:])

extension FakeHost {
    /// This host as a component sees it, to test parts of one without registering a component.
    /// From then on the fake host lives as long as the process.
    public var asSeenByPlugin: Host {
        lentHosts.withLock { $0[ObjectIdentifier(self)] = self }
        return unsafe Host(table)
    }
}
