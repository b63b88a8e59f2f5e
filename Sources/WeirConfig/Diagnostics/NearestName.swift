/// The known name that `name` was probably meant to be, or `nil` where none is close.
///
/// Closeness is the Damerau-Levenshtein distance (insert, delete, replace, swap neighbours) over
/// lower-case text in which `-` and `_` are the same. Short names allow fewer slips: one up to
/// four characters, two up to seven, three beyond.
package func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = folded(name)
    let limit = wanted.count <= 4 ? 1 : wanted.count <= 7 ? 2 : 3
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name {
        let other = folded(candidate)
        guard abs(other.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, other)
        guard distance <= limit, distance < max(wanted.count, other.count) else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name
}

/// What others call a place to connect to or to listen on.
private let placeNames = [
    "endpoint", "url", "endpoints", "urls", "uri", "address", "addr", "server", "listen_address",
    "listen", "bind", "dsn", "target", "host",
]

/// The known name for what `name` says in another word; `nil` where there is none.
package func namesake(of name: String, in candidates: [String]) -> String? {
    let wanted = String(decoding: folded(name), as: UTF8.self)
    guard placeNames.contains(wanted) else { return nil }
    return placeNames.first { $0 != wanted && candidates.contains($0) }
}

private func folded(_ name: String) -> [UInt8] {
    name.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "-"): UInt8(ascii: "_")
        default: byte
        }
    }
}

/// Damerau-Levenshtein distance in its "optimal string alignment" form.
package func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        current.reserveCapacity(right.count + 1)
        for column in 1...right.count {
            let cost = left[row - 1] == right[column - 1] ? 0 : 1
            var distance = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
            if row > 1, column > 1, left[row - 1] == right[column - 2],
                left[row - 2] == right[column - 1]
            {
                distance = min(distance, beforeLast[column - 2] + 1)
            }
            current.append(distance)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
