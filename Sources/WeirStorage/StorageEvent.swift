/// What a store found or went through that somebody should know.
package enum StorageEvent: Sendable, Equatable {
    /// Bytes that are not what was written; kept at `savedAs`, unless there was no room for that.
    case damaged(file: String, offset: UInt64, bytes: UInt64, reason: String, savedAs: String?)
    /// Records that the index knows, in a file that is gone or too short.
    case lost(file: String, records: Int, items: Int)
    /// The end of a file, from a write that the process or the machine did not survive. Nobody was
    /// told that it had been stored.
    case torn(file: String, bytes: UInt64)
    /// The index was absent or damaged, and has been made again from the records themselves. What had
    /// been delivered, and lies in a file with something that had not, is delivered again.
    case indexRebuilt(reason: String, records: Int)
    /// Writes fail. Said once until they work again.
    case failing(StorageError)
    case recovered

    package var text: String {
        switch self {
        case .damaged(let file, let offset, let bytes, let reason, let savedAs):
            "\(file) is damaged at byte \(offset) (\(bytes) bytes: \(reason)); "
                + (savedAs.map { "they are kept in \($0)" } ?? "they could not be kept")
        case .lost(let file, let records, let items):
            "\(file) is shorter than it was, or gone: \(records) records with \(items) items are lost"
        case .torn(let file, let bytes):
            "\(file) ends with \(bytes) bytes of an unfinished write, which were cut off"
        case .indexRebuilt(let reason, let records):
            "the index was made again, with \(records) records, because \(reason)"
        case .failing(let error): "nothing can be stored at the moment: \(error)"
        case .recovered: "storing works again"
        }
    }
}
