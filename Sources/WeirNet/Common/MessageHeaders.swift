package import NIOHPACK
package import NIOHTTP1

/// The header fields of a message, whichever version of HTTP brought it.
package struct MessageHeaders: Sendable {
    private enum Storage: Sendable {
        case http1(HTTPHeaders)
        case http1Fields(HTTP1Fields)
        case http2(HPACKHeaders)
    }
    private let storage: Storage

    package init(_ headers: HTTPHeaders) { storage = .http1(headers) }
    package init(_ fields: HTTP1Fields) { storage = .http1Fields(fields) }
    package init(_ headers: HPACKHeaders) { storage = .http2(headers) }

    /// The first value of a field; the name's case does not matter.
    package func first(_ name: String) -> String? {
        switch storage {
        case .http1(let headers): return headers.first(name: name)
        case .http1Fields(let fields): return fields.first(name)
        case .http2(let headers): return headers.first(name: name)
        }
    }

    /// Every value of a field, in order.
    package func all(_ name: String) -> [String] {
        switch storage {
        case .http1(let headers): return headers[name]
        case .http1Fields(let fields): return fields.all(name)
        case .http2(let headers): return headers[name]
        }
    }

    /// Calls `body` for each field but HTTP/2's pseudo fields.
    package func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        switch storage {
        case .http1(let headers): for (name, value) in headers { body(name, value) }
        case .http1Fields(let fields): fields.forEach(body)
        case .http2(let headers):
            for field in headers where !field.name.hasPrefix(":") { body(field.name, field.value) }
        }
    }
}
