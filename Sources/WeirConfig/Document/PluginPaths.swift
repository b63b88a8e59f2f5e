/// The folders that `service.plugins.path` names, read before anything else: what is in them decides
/// what the rest of the configuration may say.
///
/// Whatever is wrong is reported when the configuration is loaded, and left out here.
package func pluginPaths(
    in sources: [ConfigurationSource], environment: (String) -> String? = { _ in nil },
    readFile: (String) throws -> [UInt8] = { _ in throw NoFiles() }
) -> [String] {
    let collector = DiagnosticCollector()
    var document = YAMLNode(
        value: .mapping([]), location: SourceLocation(source: 0, line: 1, column: 1))
    for (index, source) in sources.enumerated() where source.language == .weir {
        let root = YAMLComposer.compose(source.contents, source: index, reportingTo: collector)
        if let root, root.mapping != nil { document = mergeDocuments(document, root) }
    }
    guard let list = document["service"]?.node["plugins"]?.node["path"]?.node else { return [] }
    let expanded = withoutActuallyEscaping(environment) { environment in
        withoutActuallyEscaping(readFile) { readFile in
            VariableExpander(
                dialect: Dialect(of: document, broken: []), environment: environment,
                readFile: readFile, collector: collector
            ).expand(list)
        }
    }
    return (expanded.sequence ?? []).compactMap { item in
        item.scalar?.expansion?.failed == true ? nil : item.scalar?.text
    }
}

private struct NoFiles: Error {}
