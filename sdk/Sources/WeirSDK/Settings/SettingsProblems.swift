/// Gathers what is wrong with settings, so that a person hears of all of it at once.
///
/// ```swift
/// var problems = SettingsProblems()
/// problems.check { () throws(ComponentError) in try checkTopics() }
/// problems.add("interval: found 0s, expected more than that: leave it out for 5s")
/// try problems.report()
/// ```
///
/// A message that begins with the path of a key, a colon and a blank (`tls.ca_file: …`) is shown where
/// that key stands in the configuration.
public struct SettingsProblems: Sendable {
    private static let limit = 480

    private var messages: [String] = []

    public init() {}

    /// Notes one problem. It is one line.
    public mutating func add(_ message: String) {
        let line = message.replacing("\n", with: " ")
        if !messages.contains(line) { messages.append(line) }
    }

    /// Notes what a check throws, and goes on.
    public mutating func check(_ body: () throws(ComponentError) -> Void) {
        do throws(ComponentError) {
            try body()
        } catch {
            add(error.message)
        }
    }

    /// Throws all that was noted as one `invalid`, a line for each; as many as an error has room for.
    public func report() throws(ComponentError) {
        guard let first = messages.first else { return }
        var text = first
        for message in messages.dropFirst()
        where text.utf8.count + 1 + message.utf8.count <= SettingsProblems.limit {
            text += "\n" + message
        }
        throw .invalid(text)
    }
}
