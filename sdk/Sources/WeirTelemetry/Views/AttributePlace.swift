/// Where the attributes of a point stand in its bytes, with their tags.
@usableFromInline
package struct AttributePlace {
    /// Empty if there are none, `nil` if they stand apart.
    @usableFromInline package var range: Range<Int>? = 0..<0
    /// Whether they are just those that were expected.
    @usableFromInline package var areExpected = false

    @inlinable
    package init() {}

    /// Whether none were found so far.
    @inlinable package var isUnknown: Bool { range?.isEmpty == true }

    @inlinable
    @inline(__always)
    package mutating func add(_ place: Range<Int>, areExpected: Bool) {
        guard let known = range else { return }
        self.areExpected = areExpected
        if known.isEmpty {
            range = place
        } else {
            range = known.upperBound == place.lowerBound ? known.lowerBound..<place.upperBound : nil
        }
    }
}
