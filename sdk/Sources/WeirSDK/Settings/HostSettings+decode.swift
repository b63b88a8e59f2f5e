extension HostSettings {
    /// Reads a value of any shape by the rules for settings: for what a component reads from a file
    /// or gets from a server, not for pieces that are the host's business.
    ///
    /// Throws `invalid`: which key, what was found and what was expected.
    public func decode<T: Decodable>(_: T.Type) throws(ComponentError) -> T {
        try decodeSettings(T.self, from: json)
    }
}
