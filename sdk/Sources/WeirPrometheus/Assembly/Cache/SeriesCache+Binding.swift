import WeirTelemetry

extension SeriesCache {
    /// Finds or makes the point of a series and makes the series its source, or part of it.
    mutating func bind(_ index: UInt32, _ decoded: DecodedSeries, _ labels: Labels) {
        let meaning = decoded.meaning
        let name = labels["__name__"]
        let group = self.group(of: labels)
        if meaning.role == .native {
            bindSingle(index, .native, name, .exponentialHistogram, group, meaning, labels)
        } else if let part = part(of: decoded, name, labels) {
            let key = OutputFamily.Key(
                group: group, name: part.name, type: meaning.type,
                kind: meaning.type == .summary ? .summary : .histogram)
            let family = self.family(key, meaning.family)
            let point = self.point(
                in: family, labels, without: part.bound == nil ? nil : decoded.partLabel)
            bindPart(index, meaning.role, part.bound, of: point)
        } else {
            let kind: OutputFamily.Kind =
                switch meaning.type {
                case .counter: .counter
                case .info, .stateset: .state
                default: .gauge
                }
            bindSingle(index, .value, name, kind, group, meaning, labels)
        }
    }

    /// What part of a composed point a series is; `nil` if it stands alone, because it is no part or
    /// relabelling left too little of what makes it one.
    private func part(
        of decoded: DecodedSeries, _ name: String, _ labels: Labels
    ) -> (name: String, bound: Double?)? {
        let meaning = decoded.meaning
        guard let partLabel = decoded.partLabel, name.hasSuffix(meaning.suffix),
            name.utf8.count > meaning.suffix.utf8.count
        else { return nil }
        let base = String(name.dropLast(meaning.suffix.count))
        let value = labels[partLabel]
        switch meaning.role {
        case .bucket, .quantile:
            guard let bound = float(value), !bound.isNaN, canonicalFloat(bound) == value else {
                return nil
            }
            return (base, bound)
        case .sum, .count: return value.isEmpty ? (base, nil) : nil
        default: return nil
        }
    }

    private mutating func bindSingle(
        _ index: UInt32, _ role: Series.Role, _ name: String, _ kind: OutputFamily.Kind,
        _ group: UInt32, _ meaning: ExposedFamilies.Meaning, _ labels: Labels
    ) {
        let key = OutputFamily.Key(group: group, name: name, type: meaning.type, kind: kind)
        let point = self.point(in: family(key, meaning.family), labels, without: nil)
        let other = points[Int(point)].source
        if other != none {
            guard replace(other, by: index) else { return }
            points[Int(point)].source = index
        } else {
            revive(point, source: index)
        }
        attach(index, role, to: point)
    }

    private mutating func bindPart(
        _ index: UInt32, _ role: Series.Role, _ bound: Double?, of point: UInt32
    ) {
        if points[Int(point)].isDead {
            revive(point, source: UInt32(compositions.count))
            compositions.append(Composition(point: point))
        }
        let composition = Int(points[Int(point)].source)
        if let bound {
            let (place, isThere) = compositions[composition].place(of: bound)
            if isThere {
                guard replace(compositions[composition].parts[place], by: index) else { return }
                compositions[composition].parts[place] = index
            } else {
                compositions[composition].bounds.insert(bound, at: place)
                compositions[composition].parts.insert(index, at: place)
            }
        } else {
            let path: WritableKeyPath<Composition, UInt32> = role == .sum ? \.sum : \.count
            let other = compositions[composition][keyPath: path]
            if other != none { guard replace(other, by: index) else { return } }
            compositions[composition][keyPath: path] = index
        }
        attach(index, role, to: point)
    }

    /// Makes a `_created` say when the point of the same labels began.
    mutating func bindCreated(_ index: UInt32, _ decoded: DecodedSeries, _ labels: Labels) {
        if let point = createdPoint(decoded, labels) {
            let other = points[Int(point)].created
            if other != none { guard replace(other, by: index) else { return } }
            points[Int(point)].created = index
            return attach(index, .created, to: point)
        }
        var alone = decoded.meaning
        alone.type = .unknown
        bindSingle(
            index, .value, labels["__name__"], .gauge, group(of: labels), alone, labels)
        guard series[Int(index)].isBound else { return }
        series[Int(index)].flags.insert(.standsAlone)
        aloneCreated.append(index)
    }

    /// The point of which a `_created` says when it began; `nil` if it is not there.
    mutating func createdPoint(_ decoded: DecodedSeries, _ labels: Labels) -> UInt32? {
        let meaning = decoded.meaning
        let name = labels["__name__"]
        guard name.hasSuffix(meaning.suffix) else { return nil }
        let kind: OutputFamily.Kind =
            switch meaning.type {
            case .counter: .counter
            case .summary: .summary
            default: .histogram
            }
        let group = self.group(of: labels)
        let base = String(name.dropLast(meaning.suffix.count))
        for candidate in kind == .counter ? [base + "_total", base] : [base] {
            let key = OutputFamily.Key(
                group: group, name: candidate, type: meaning.type, kind: kind)
            guard let family = familyIndexes[key],
                let point = existingPoint(in: family, labels)
            else { continue }
            return point
        }
        return nil
    }

    private mutating func attach(_ index: UInt32, _ role: Series.Role, to point: UInt32) {
        series[Int(index)].role = role
        series[Int(index)].point = point
        if role == .created { createdCount += 1 }
        boundCount += 1
        boundSeen += 1
    }

    /// Puts a series in the place of one that has the same labels and is written differently.
    /// `false` if the other one is in this scrape too: then the new one is a duplicate.
    private mutating func replace(_ other: UInt32, by index: UInt32) -> Bool {
        guard series[Int(other)].seen != scrape else {
            result.duplicates += 1
            return false
        }
        if series[Int(other)].role == .created { createdCount -= 1 }
        if series[Int(other)].flags.contains(.live) { series[Int(index)].flags.insert(.live) }
        series[Int(other)].flags = []
        series[Int(other)].role = .unresolved
        series[Int(other)].point = none
        boundCount -= 1
        return true
    }

    /// Takes a series from its point; the point goes with the last one.
    mutating func detach(_ index: UInt32) {
        let point = Int(series[Int(index)].point)
        let role = series[Int(index)].role
        series[Int(index)].role = .unresolved
        series[Int(index)].point = none
        series[Int(index)].flags.remove(.standsAlone)
        boundCount -= 1
        if series[Int(index)].seen == scrape { boundSeen -= 1 }
        if role == .created { createdCount -= 1 }
        switch role {
        case .created: points[point].created = none
        case .value, .native: kill(point)
        default:
            let composition = Int(points[point].source)
            compositions[composition].remove(index)
            if compositions[composition].isEmpty { kill(point) }
        }
    }

    /// Takes all series from a composed point, which goes with them.
    mutating func detachAll(of point: UInt32) {
        let composition = Int(points[Int(point)].source)
        for index in compositions[composition].all {
            series[Int(index)].role = .unresolved
            series[Int(index)].point = none
            boundCount -= 1
            if series[Int(index)].seen == scrape { boundSeen -= 1 }
        }
        compositions[composition] = Composition(point: point)
        kill(Int(point))
    }

    private mutating func kill(_ point: Int) {
        points[point].source = none
        families[Int(points[point].family)].needsSweep = true
        let created = points[point].created
        guard created != none else { return }
        detach(created)
        if series[Int(created)].seen == scrape { fresh.append((created, 0)) }
    }

    /// Lets a point begin, or begin again.
    private mutating func revive(_ point: UInt32, source: UInt32) {
        let family = Int(points[Int(point)].family)
        if families[family].needsSweep { sweep(family) }
        points[Int(point)].source = source
        points[Int(point)].lastTime = 0
        points[Int(point)].start = 0
        beginnings += 1
        families[family].points.append(point)
    }

    /// Removes from a family what is not its any more.
    mutating func sweep(_ family: Int) {
        let points = points
        families[family].points.removeAll {
            points[Int($0)].isDead || points[Int($0)].family != UInt32(family)
        }
        families[family].needsSweep = false
    }
}

extension Composition {
    fileprivate mutating func remove(_ index: UInt32) {
        if let place = parts.lastIndex(of: index) {
            parts.remove(at: place)
            bounds.remove(at: place)
        } else if sum == index {
            sum = none
        } else if count == index {
            count = none
        }
    }
}
