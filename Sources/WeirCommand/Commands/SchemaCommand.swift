import WeirJSON
import WeirRuntime
import ArgumentParser
import WeirConfig

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of configurations, for editors.",
        discussion: """
            In an editor with the YAML language server, put this on a configuration's first line: \
            # yaml-language-server: $schema=weir.schema.json
            """)

    @OptionGroup var plugins: PluginOptions

    func run() {
        let catalog = plugins.registry().catalog
        Terminal.output.line(configurationSchema(catalog).serialized(pretty: true))
    }
}
