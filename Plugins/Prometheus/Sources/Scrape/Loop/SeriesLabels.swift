import WeirPrometheus

/// From the labels that a series was exposed with to those that it is passed on with.
struct SeriesLabels: Sendable {
    let target: Labels
    let honorsLabels: Bool
    let external: Labels
    let rules: RelabelRules

    /// `nil`: a rule dropped the series.
    func final(_ exposed: Labels) -> Labels? {
        guard var labels = rules.apply(merged(exposed)) else { return nil }
        // What a series or its target says about itself goes before what all have in common.
        for label in external.all where labels[label.name].isEmpty {
            labels[label.name] = label.value
        }
        return labels
    }

    /// The labels of the series that are about the scrape itself.
    var ofReport: Labels {
        var labels = target
        for label in external.all where labels[label.name].isEmpty {
            labels[label.name] = label.value
        }
        return labels
    }

    /// With the labels of the target, before any rule.
    func merged(_ exposed: Labels) -> Labels {
        var labels = exposed
        if honorsLabels {
            for label in target.all where labels[label.name].isEmpty {
                labels[label.name] = label.value
            }
            return labels
        }
        var clashes: [Label] = []
        for label in target.all {
            let own = labels[label.name]
            if !own.isEmpty { clashes.append(Label(label.name, own)) }
            labels[label.name] = label.value
        }
        // Short names first, so that what is called exported_x already is moved on itself.
        for clash in clashes.sorted(by: { $0.name.utf8.count < $1.name.utf8.count }) {
            var name = clash.name
            repeat { name = "exported_" + name } while !labels[name].isEmpty
            labels[name] = clash.value
        }
        return labels
    }
}

extension SeriesLabels {
    init(_ target: Target, _ job: ScrapeJob) {
        self.init(
            target: target.labels, honorsLabels: job.honorLabels, external: job.externalLabels,
            rules: job.metricRelabel)
    }
}
