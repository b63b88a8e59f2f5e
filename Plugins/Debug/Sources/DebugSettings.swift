/// How much of each batch is printed.
package enum Verbosity: String, Decodable, Sendable {
    case basic
    case normal
    case detailed
}

package struct DebugSettings: Decodable, Sendable {
    package var verbosity = Verbosity.basic
    package var samplingInitial = 2
    package var samplingThereafter = 1
    package var useInternalLogger = true

    package init() {}

    private enum CodingKeys: CodingKey {
        case verbosity, samplingInitial, samplingThereafter, useInternalLogger
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        verbosity = try values.decodeIfPresent(Verbosity.self, forKey: .verbosity) ?? verbosity
        samplingInitial =
            try values.decodeIfPresent(Int.self, forKey: .samplingInitial) ?? samplingInitial
        samplingThereafter =
            try values.decodeIfPresent(Int.self, forKey: .samplingThereafter) ?? samplingThereafter
        useInternalLogger =
            try values.decodeIfPresent(Bool.self, forKey: .useInternalLogger) ?? useInternalLogger
    }
}
