/// Lays `later` over `earlier`, as the Collector does with several `--config`: mappings merge key
/// by key, everything else is replaced. An empty section leaves the earlier mapping as it is.
///
/// Each node keeps the place where it was written, so an error points into the right file.
func mergeDocuments(_ earlier: YAMLNode, _ later: YAMLNode) -> YAMLNode {
    guard case .mapping(var entries) = earlier.value else { return later }
    guard case .mapping(let additions) = later.value else {
        return later.isNull ? earlier : later
    }
    var places: [String: Int] = [:]
    for (index, entry) in entries.enumerated() { places[entry.key] = index }
    for addition in additions {
        if let index = places[addition.key] {
            entries[index] = YAMLEntry(
                key: addition.key, keyLocation: addition.keyLocation,
                node: mergeDocuments(entries[index].node, addition.node))
        } else {
            places[addition.key] = entries.count
            entries.append(addition)
        }
    }
    return YAMLNode(value: .mapping(entries), location: later.location)
}
