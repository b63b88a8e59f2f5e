/// As much of an ELF-64 file as it takes to find a section by its name. Every offset in the file is
/// checked: the file may be anything.
struct ELFFile {
    let bytes: [UInt8]

    var isELF64: Bool {
        bytes.count >= 64 && bytes.prefix(4).elementsEqual([0x7f, 0x45, 0x4c, 0x46])
            && bytes[4] == 2 && bytes[5] == 1
    }

    var machine: UInt16? { integer(at: 18, bytes: 2).map { UInt16($0) } }

    func section(named name: String) -> ArraySlice<UInt8>? {
        guard let table = integer(at: 40, bytes: 8), let entrySize = integer(at: 58, bytes: 2),
            let count = integer(at: 60, bytes: 2), let namesIndex = integer(at: 62, bytes: 2),
            entrySize >= 64,
            let names = contents(entry: namesIndex, table: table, entrySize: entrySize)
        else { return nil }
        for index in 0..<count {
            let (entry, overflow) = table.addingReportingOverflow(index * entrySize)
            guard !overflow, let nameOffset = integer(at: entry, bytes: 4) else { return nil }
            let text = names.dropFirst(nameOffset).prefix { $0 != 0 }
            if text.elementsEqual(name.utf8) {
                return contents(entry: index, table: table, entrySize: entrySize)
            }
        }
        return nil
    }

    private func contents(entry index: Int, table: Int, entrySize: Int) -> ArraySlice<UInt8>? {
        let (entry, overflow) = table.addingReportingOverflow(index * entrySize)
        guard !overflow, let offset = integer(at: entry + 24, bytes: 8),
            let size = integer(at: entry + 32, bytes: 8), offset <= bytes.count,
            size <= bytes.count - offset
        else { return nil }
        return bytes[offset..<(offset + size)]
    }

    /// A little-endian number, if it lies within the file and fits an Int.
    private func integer(at offset: Int, bytes width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        var value: UInt64 = 0
        for position in 0..<width { value |= UInt64(bytes[offset + position]) << (position * 8) }
        return Int(exactly: value)
    }
}
