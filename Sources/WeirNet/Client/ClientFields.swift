import NIOCore
import NIOHPACK

/// The header lists of a client's requests; one list serves all requests to a path.
struct ClientFields {
    private struct Key: Hashable {
        var path: String
        var encoding: ContentEncoding
    }
    private let options: ClientOptions
    private var cache: [Key: HTTP2HeaderList] = [:]

    init(_ options: ClientOptions) { self.options = options }

    mutating func headers(for call: ClientCall) -> HTTP2HeaderList {
        let request = call.request
        let isGRPC = options.version == .grpc
        if isGRPC, request.headers.isEmpty, request.timeout == nil, call.authorization == nil {
            let key = Key(path: request.path, encoding: call.wireEncoding)
            if let known = cache[key] { return known }
            let made = make(call)
            if cache.count < 64 { cache[key] = made }
            return made
        }
        return make(call)
    }

    private func make(_ call: ClientCall) -> HTTP2HeaderList {
        let request = call.request
        let isGRPC = options.version == .grpc
        var headers = HPACKHeaders()
        headers.reserveCapacity(10 + options.headers.count + request.headers.count)
        headers.add(name: ":method", value: isGRPC ? "POST" : request.method)
        headers.add(name: ":scheme", value: options.usesTLS ? "https" : "http")
        headers.add(name: ":path", value: call.uri)
        headers.add(name: ":authority", value: options.target.authority)
        headers.add(name: "user-agent", value: options.userAgent)
        if isGRPC {
            headers.add(name: "content-type", value: "application/grpc")
            headers.add(name: "te", value: "trailers")
            headers.add(
                name: "grpc-timeout",
                value: Self.grpcTimeout(request.timeout ?? options.timeout))
            if call.wireEncoding != .identity {
                headers.add(name: "grpc-encoding", value: call.wireEncoding.rawValue)
            }
            headers.add(name: "grpc-accept-encoding", value: ContentEncoding.accepted)
        } else {
            let length = call.wireParts.reduce(0) { $0 + $1.readableBytes }
            if length > 0 || !request.isSafe {
                headers.add(name: "content-type", value: request.contentType)
                headers.add(
                    name: "content-length", value: String(length), indexing: .nonIndexable)
            }
            if request.acceptsCompressed {
                headers.add(name: "accept-encoding", value: ContentEncoding.accepted)
            }
            if call.wireEncoding != .identity {
                headers.add(name: "content-encoding", value: call.wireEncoding.rawValue)
            }
        }
        if let authorization = call.authorization {
            headers.add(name: "authorization", value: authorization, indexing: .neverIndexed)
        }
        for (name, value) in options.headers + request.headers {
            let isSecret = name == "authorization" || name.hasSuffix("key") || name == "cookie"
            headers.add(
                name: name.lowercased(), value: value,
                indexing: isSecret ? .neverIndexed : .indexable)
        }
        return HTTP2HeaderList(headers)
    }

    /// At most eight digits and a unit.
    static func grpcTimeout(_ timeout: TimeAmount) -> String {
        let milliseconds = max(1, timeout.nanoseconds / 1_000_000)
        return milliseconds < 100_000_000 ? "\(milliseconds)m" : "\(milliseconds / 1000)S"
    }
}

extension GRPCStatus {
    /// What a status without grpc-status means, as gRPC's own table has it: a proxy that throttles
    /// or has lost its server may be asked again.
    private static func code(ofProxy status: Int) -> GRPCCode {
        switch status {
        case 400: return .internal
        case 401: return .unauthenticated
        case 403: return .permissionDenied
        case 404: return .unimplemented
        case 429, 502, 503, 504: return .unavailable
        default: return .unknown
        }
    }

    /// Reads the trailers of an answer.
    init(httpStatus: Int, trailers: HPACKHeaders?, target: String) {
        guard let text = trailers?.first(name: "grpc-status"), let number = Int(text) else {
            if httpStatus == 200 {
                self.init(
                    .internal, "\(target) ended the call without grpc-status: is it a gRPC server?")
            } else {
                self.init(
                    Self.code(ofProxy: httpStatus),
                    "\(target) answered HTTP status \(httpStatus) without grpc-status: is it a gRPC server?"
                )
            }
            return
        }
        let message = trailers?.first(name: "grpc-message").map(GRPCMessage.decode) ?? ""
        let details = trailers?.first(name: "grpc-status-details-bin").flatMap(Base64.decode)
        self.init(
            GRPCCode(rawValue: number) ?? .unknown, message,
            retryDelay: details.flatMap(GRPCStatusDetails.retryDelay))
    }
}
