extension ClientRequest {
    /// Why it cannot be sent; `nil`: it can. A line break in a header would begin another one, or
    /// another request, and what is in headers and paths may come from a server.
    var fault: NetError? {
        let target = [("method", method), ("path", path)].first { name, text in
            text.utf8.contains { $0 <= 0x20 || $0 == 0x7F } || (name == "method" && text.isEmpty)
        }
        if let (name, _) = target {
            return NetError(
                .configuration,
                "the \(name) of a request has a blank or a control character; nothing was sent")
        }
        for (name, value) in headers + [("content-type", contentType)] {
            let isName = !name.isEmpty && !name.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }
            let isValue = !value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
            guard isName && isValue else {
                // Not the value: it may be a secret.
                return NetError(
                    .configuration,
                    "the header \(isName ? name : "of a request") has a line break or another control "
                        + "character; nothing was sent")
            }
        }
        return nil
    }
}
