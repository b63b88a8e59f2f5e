import CWeir
import WeirJSON
import WeirSDK

/// `weir.document/1` for JSON alone: a test gives its documents as JSON.
func documentTable() -> weir_document {
    unsafe weir_document(
        size: UInt32(MemoryLayout<weir_document>.size), reserved: 0,
        to_json: { _, text, found, context, error in
            let bytes = unsafe Array(text.bytes)
            do throws(JSONError) {
                let json = try JSONValue(parsing: bytes).serialized()
                unsafe withSlice(json) { unsafe found!(context, $0) }
                return Status.ok
            } catch let reason {
                let (line, column) = place(of: reason.offset, in: bytes)
                let text =
                    "\(line):\(column): this is not valid JSON: \(reason) (the fake host reads "
                    + "JSON; YAML is read by the real one only)"
                return unsafe ComponentError.invalid(text).write(to: error!)
            }
        })
}

private func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
    let before = bytes.prefix(offset)
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (
        1 + before.count { $0 == UInt8(ascii: "\n") },
        1 + String(decoding: before[start...], as: UTF8.self).unicodeScalars.count
    )
}
