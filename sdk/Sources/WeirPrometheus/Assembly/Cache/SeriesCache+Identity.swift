import WeirTelemetry

extension SeriesCache {
    /// The group of a series' `job` and `instance`.
    mutating func group(of labels: Labels) -> UInt32 {
        group(of: OutputGroup.Key(job: labels["job"], instance: labels["instance"]))
    }

    mutating func group(of key: OutputGroup.Key) -> UInt32 {
        if let index = groupIndexes[key] { return index }
        let index = UInt32(groups.count)
        groups.append(OutputGroup(key))
        groupIndexes[key] = index
        return index
    }

    /// The family with this key; made if there is none.
    mutating func family(_ key: OutputFamily.Key, _ exposedIndex: UInt32) -> UInt32 {
        if let index = familyIndexes[key] { return index }
        let index = append(key, base: UInt32(families.count), exposedIndex, hasCreated: false)
        familyIndexes[key] = index
        return index
    }

    /// The same family for points that know when they began, or of such a one the other.
    mutating func twin(of index: UInt32) -> UInt32 {
        let family = families[Int(index)]
        if family.twin != none { return family.twin }
        let twin = append(
            family.key, base: family.base, family.exposed, hasCreated: !family.hasCreated)
        families[Int(twin)].twin = index
        families[Int(index)].twin = twin
        return twin
    }

    private mutating func append(
        _ key: OutputFamily.Key, base: UInt32, _ exposedIndex: UInt32, hasCreated: Bool
    ) -> UInt32 {
        let index = UInt32(families.count)
        var family = OutputFamily(
            key: key, base: base, exposed: exposedIndex, hasCreated: hasCreated)
        family.head = head(of: family)
        families.append(family)
        groups[Int(key.group)].families.append(index)
        return index
    }

    /// Help and unit again, where they have changed.
    mutating func describeAnew() {
        guard !exposed.describedAnew.isEmpty else { return }
        for index in families.indices where exposed.describedAnew.contains(families[index].exposed)
        {
            families[index].head = head(of: families[index])
        }
        exposed.describedAnew.removeAll()
    }

    private func head(of family: OutputFamily) -> [UInt8] {
        let isKnown = family.exposed != none
        return OutputFamily.head(
            family.key, help: isKnown ? exposed[family.exposed].help : "",
            unit: isKnown ? exposed[family.exposed].unit : "", hasCreated: family.hasCreated)
    }

    /// The point of these labels in a family; made, without a source, if there is none.
    mutating func point(
        in family: UInt32, _ labels: Labels, without part: String?
    ) -> UInt32 {
        let start = attributes.count
        encode(labels, families[Int(family)].key.kind.attributeTag, without: part)
        let (known, hash) = lookUp(family, from: start)
        if let known {
            attributes.removeSubrange(start...)
            return known
        }
        let index = UInt32(points.count)
        points.append(
            Point(
                attributesStart: UInt32(start), attributesCount: UInt32(attributes.count - start),
                hash: hash, family: family))
        let all = points
        pointTable.insert(index, hash) { all[Int($0)].hash }
        return index
    }

    mutating func existingPoint(in family: UInt32, _ labels: Labels) -> UInt32? {
        let start = attributes.count
        encode(labels, families[Int(family)].key.kind.attributeTag, without: nil)
        defer { attributes.removeSubrange(start...) }
        guard let point = lookUp(family, from: start).point, !points[Int(point)].isDead else {
            return nil
        }
        return point
    }

    /// The point whose attributes are those at the end.
    private func lookUp(_ family: UInt32, from start: Int) -> (point: UInt32?, hash: UInt32) {
        let base = families[Int(family)].base
        let all = attributes.raw
        let wanted = all.part(start..<attributes.count)
        let hash = hasher.hash(wanted, with: base)
        let found = pointTable.find(hash) { index in
            let point = points[Int(index)]
            return point.hash == hash && families[Int(point.family)].base == base
                && point.attributesCount == UInt32(wanted.byteCount)
                && wanted.has(all.part(point.attributes), at: 0)
        }
        return (found, hash)
    }

    /// Appends labels as attributes of a point. The name is that of the metric, `job` and
    /// `instance` are the resource, and `part` tells the parts of the point apart.
    private mutating func encode(_ labels: Labels, _ tag: UInt8, without part: String?) {
        for label in labels.all {
            switch label.name {
            case "__name__", "job", "instance": continue
            case let name where name == part: continue
            default: attributes.appendAttribute(tag, label.name, label.value)
            }
        }
    }
}

extension [UInt8] {
    /// A string attribute with its tag.
    mutating func appendAttribute(_ tag: UInt8, _ name: String, _ value: String) {
        append(tag)
        let start = beginLength()
        appendField(1, name)
        appendMessage(2) { $0.appendField(1, value) }
        endLength(start)
    }
}
