import WeirPrometheus

extension ReadFamily {
    /// The family with no other labels than these. Points that are the same then become one:
    /// numbers and buckets are added up. Buckets with other bounds than the first point's, and
    /// quantiles, which cannot be added, are left out of the sum.
    func keeping(_ labels: Set<String>) -> ReadFamily {
        var trimmed = self
        trimmed.points = []
        var places: [Labels: Int] = [:]
        for point in points {
            let kept = Labels(point.labels.all.filter { labels.contains($0.name) })
            if let place = places[kept] {
                trimmed.points[place].value.add(point.value)
            } else {
                places[kept] = trimmed.points.count
                trimmed.points.append(ReadPoint(kept, point.value))
            }
        }
        return trimmed
    }
}

extension ReadValue {
    fileprivate mutating func add(_ other: ReadValue) {
        switch (self, other) {
        case (.number(let own), .number(let more)): self = .number(own + more)
        case (.histogram(var own), .histogram(let more)) where own.bounds == more.bounds:
            for index in own.buckets.indices { own.buckets[index] &+= more.buckets[index] }
            own.count &+= more.count
            own.sum += more.sum
            self = .histogram(own)
        case (.summary(var own), .summary(let more)):
            own.quantiles = []
            own.count &+= more.count
            own.sum += more.sum
            self = .summary(own)
        default: break
        }
    }
}
