/// The folders that `service.plugins.path` names, read before anything else: what is in them decides
/// what the rest of the configuration may say.
///
/// Only plain text is read here; whatever is wrong is reported when the configuration is loaded.
package func pluginPaths(in sources: [ConfigurationSource]) -> [String] {
    var paths: [String] = []
    for source in sources {
        let collector = DiagnosticCollector()
        guard
            let root = YAMLComposer.compose(source.contents, source: 0, reportingTo: collector),
            let list = root["service"]?.node["plugins"]?.node["path"]?.node.sequence
        else { continue }
        // Lists are replaced by later files, as everywhere.
        paths = list.compactMap { $0.scalar?.text }
    }
    return paths
}
