import WeirJSON

extension ConfigurationBuilder {
    mutating func readService(
        _ service: YAMLEntry?, documentStart: SourceLocation
    ) -> ServiceSettings? {
        let place = service?.keyLocation ?? documentStart
        let empty = YAMLNode(value: .mapping([]), location: place)
        var node = service?.node ?? empty
        if node.isNull { node = empty }
        let value = SettingsValidator(collector: collector).validate(
            node, against: Schema(serviceSchema(dialect), fragments: [:]),
            at: .init(path: "service", key: place, name: "service"))
        readExtensions(node["extensions"])
        if node.mapping != nil { readPipelines(node["pipelines"], orAt: place) }
        let settings = value.map(ServiceSettings.init)
        if let settings {
            checkMemory(node["pipelines"], settings)
            checkQueues(node["pipelines"], settings)
        }
        return settings
    }

    private mutating func readExtensions(_ section: YAMLEntry?) {
        for (index, item) in (section?.node.sequence ?? []).enumerated() {
            let path = "service.extensions".appending(index: index)
            guard let scalar = item.scalar, scalar.expansion?.failed != true,
                case .string(let text) = scalar.resolved
            else { continue }
            if extensions.contains(where: { $0.description == text }) {
                collector.report(
                    .listedTwice, at: item.location, path: path,
                    "the extension '\(shown(item))' is listed twice")
                continue
            }
            let all = definitions.indices.filter { definitions[$0].kind == .extension }
            if let found = all.first(where: { definitions[$0].id.description == text }) {
                definitions[found].isUsed = true
                extensions.append(definitions[found].id)
                continue
            }
            if isIncomplete || rejectedIDs.contains(text) || rejectedKinds.contains(.extension) {
                continue
            }
            let names = all.map { definitions[$0].id.description }
            let near =
                scalar.expansion?.isTainted == true ? nil : nearestName(to: text, in: names)
            for index in all where definitions[index].id.description == near {
                definitions[index].isUsed = true
            }
            let isOffered = catalog.component(.extension, String(text.prefix { $0 != "/" })) != nil
            collector.report(
                .undefinedComponent, at: item.location, path: path,
                "'\(shown(item))' is not defined under 'extensions'",
                expected: names.isEmpty ? nil : listed(names),
                suggestion: near.map(didYouMean)
                    ?? (isOffered ? "define it: add '\(text):' under 'extensions'" : nil))
        }
    }
}
