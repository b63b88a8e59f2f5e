/// One change of a resource's or a record's attributes, in the terms of the Collector's attributes
/// processor.
///
/// Edits apply in their order, each to what the ones before have left. Where a key stands more than
/// once, which OTLP forbids but senders do, its value is that of the first; an edit that changes or
/// deletes the key leaves one or none of it, so that no two readers can differ about the result.
public struct AttributeEdit: Sendable {
    public var key: String
    public var action: Action

    public init(_ key: String, _ action: Action) {
        self.key = key
        self.action = action
    }

    public enum Action: Sendable {
        /// Adds the attribute where the key is not there yet.
        case insert(Source)
        /// Sets the value where the key is there.
        case update(Source)
        /// Sets the value in any case.
        case upsert(Source)
        case delete
        /// Deletes every attribute whose key the function names; the edit's `key` has no meaning.
        case deleteWhere(@Sendable (borrowing UTF8Text) -> Bool)
        /// Gives the attribute another key, in the place of one that has it already.
        case rename(to: String)
        /// Replaces the value by a digest of it. The function gets what the Collector hashes: a
        /// string's bytes, one byte 0 or 1 for a bool, eight little-endian bytes for a number. For
        /// an empty string and for other kinds the result is the empty string.
        case hash(@Sendable (RawSpan) -> String)
        /// Replaces the value by what the function makes of it; `nil` leaves it.
        case transform(@Sendable (borrowing AnyValueView) -> AttributeValue?)
    }

    /// Where a new value comes from.
    public enum Source: Sendable {
        case value(AttributeValue)
        /// Another attribute of the same record, its kind kept; without it the edit does nothing.
        case attribute(String)
    }
}
