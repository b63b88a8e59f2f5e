/// The status codes of gRPC.
package enum GRPCCode: Int, Sendable, CaseIterable {
    case ok = 0
    case cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
    case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
    case unimplemented, `internal`, unavailable, dataLoss, unauthenticated

    /// The HTTP status that says the same, as the Collector maps them.
    package var httpStatus: Int {
        switch self {
        case .ok: return 200
        case .invalidArgument, .failedPrecondition, .outOfRange: return 400
        case .unauthenticated: return 401
        case .permissionDenied: return 403
        case .notFound, .unimplemented: return 404
        case .alreadyExists, .aborted: return 409
        case .resourceExhausted: return 429
        case .cancelled: return 499
        case .unavailable: return 503
        case .deadlineExceeded: return 504
        case .unknown, .internal, .dataLoss: return 500
        }
    }

    /// The code that says the same as an HTTP status.
    package init(httpStatus: Int) {
        switch httpStatus {
        case 200..<300: self = .ok
        case 400: self = .invalidArgument
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404, 405, 415: self = .unimplemented
        case 408, 504: self = .deadlineExceeded
        case 409: self = .aborted
        case 413, 429, 431: self = .resourceExhausted
        case 502, 503: self = .unavailable
        case 500..<600: self = .internal
        default: self = .unknown
        }
    }
}
