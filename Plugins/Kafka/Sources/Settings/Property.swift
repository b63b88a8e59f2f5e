/// One property of librdkafka, and the setting that it comes from.
struct Property: Sendable, Equatable {
    var key: String
    var value: String
    var setting: String

    init(_ key: String, _ value: String, of setting: String) {
        self.key = key
        self.value = value
        self.setting = setting
    }

    init(_ key: String, milliseconds value: Duration, of setting: String) {
        self.init(key, String(value.milliseconds), of: setting)
    }
}

extension Duration {
    /// Whole milliseconds, at least one for what is longer than nothing.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        let whole = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return self > .zero ? max(1, whole) : 0
    }
}
