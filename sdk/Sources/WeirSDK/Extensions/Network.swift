/// What is spoken on a connection.
public struct Protocols: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// HTTP/1.1 and HTTP/2.
    public static let http = Protocols(rawValue: 1 << 0)
    public static let grpc = Protocols(rawValue: 1 << 1)
}

/// One header; the name in lower case.
public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The status codes of gRPC that the ABI speaks of.
public enum GRPCCode: UInt32, Sendable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case permissionDenied = 7
    case resourceExhausted = 8
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16
}
