import WeirPrometheus
import WeirSDK

/// Why a scrape gave nothing, in a few words for logs and status pages.
struct ScrapeFailure: Error, Sendable, Equatable {
    let message: String

    init(_ message: String) {
        // What a target says of itself can be long, and hostile.
        self.message = message.count > 300 ? String(message.prefix(300)) + "…" : message
    }

    /// No answer came.
    init(_ error: ComponentError, timeout: UInt64) {
        switch error.kind {
        case .timeout:
            self.init("timeout after \(PrometheusDuration(nanoseconds: timeout).text)")
        default: self.init(error.message)
        }
    }

    init(status: UInt32) {
        let name = names[status].map { " \($0)" } ?? ""
        self.init("HTTP status \(status)\(name)")
    }

    /// - Parameter bodyLimit: what the job says; 0: nothing.
    init(bodyLimit: Int) {
        self.init(
            bodyLimit > 0
                ? "body over the limit of \(bodyLimit) bytes (body_size_limit)"
                : "body over \(ScrapeJob.mostHeld >> 20) MiB: set body_size_limit to take more")
    }

    init(_ error: ExpositionError) {
        switch error.kind {
        case .syntax: self.init("parse error at \(error)")
        case .contentType, .sampleLimit: self.init("\(error)")
        case .labelLimit: self.init("\(error) (label_limit)")
        case .labelNameLengthLimit: self.init("\(error) (label_name_length_limit)")
        case .labelValueLengthLimit: self.init("\(error) (label_value_length_limit)")
        case .nativeHistogramBucketLimit: self.init("\(error) (native_histogram_bucket_limit)")
        case .invalidLabels: self.init("\(error)")
        }
    }
}

private let names: [UInt32: String] = [
    301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect",
    308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
]
