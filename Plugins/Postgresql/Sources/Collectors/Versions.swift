/// Major versions of PostgreSQL that have something.
package struct Versions: Sendable, Hashable {
    package var first: Int
    /// The first that does not have it any more.
    package var end: Int

    package static let all = Versions(first: 0, end: .max)
    package static func since(_ first: Int) -> Versions { Versions(first: first, end: .max) }
    package static func before(_ end: Int) -> Versions { Versions(first: 0, end: end) }

    package func contains(_ version: Int) -> Bool { version >= first && version < end }
}
