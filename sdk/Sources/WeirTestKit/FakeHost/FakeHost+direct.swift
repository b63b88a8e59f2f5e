public import WeirSDK

extension FakeHost {
    /// This host as a component sees it, to test parts of one without registering a component.
    /// It is good for as long as the fake host lives.
    public var asSeenByPlugin: Host { unsafe Host(table) }
}
