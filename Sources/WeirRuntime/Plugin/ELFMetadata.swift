import CWeir
import Glibc

/// Reads a plugin's metadata out of its file. No code of the plugin runs.
///
/// Layout: ELF-64 little-endian, section ".weir.plugin" = `weir_metadata` header, then JSON
/// (sdk/include/weir/plugin.h).
enum ELFMetadata {
    static let section = ".weir.plugin"
    /// `e_machine` of the host.
    #if arch(x86_64)
        static let hostMachine: UInt16 = 62
    #else
        static let hostMachine: UInt16 = 183
    #endif

    struct Header: Equatable {
        var epoch: UInt32
        var minor: UInt32
        var json: [UInt8]
    }

    static func read(path: String) throws(PluginLoadError) -> Header {
        let file = try contents(of: path)
        let elf = ELFFile(bytes: file)
        guard elf.isELF64 else {
            throw PluginLoadError(
                .notELF, path,
                "not a shared library: it begins with \(hex(file.prefix(4))), an ELF-64 file begins "
                    + "with 7f 45 4c 46. Build the plugin with `swift build` or `cc -shared`")
        }
        guard let machine = elf.machine, machine == hostMachine else {
            throw PluginLoadError(
                .wrongArchitecture, path,
                "built for \(name(of: elf.machine ?? 0)), this host runs on \(name(of: hostMachine)). "
                    + "Build it for this machine")
        }
        guard let section = elf.section(named: section) else {
            throw PluginLoadError(
                .noMetadata, path,
                "has no section \(Self.section): not a Weir plugin, or its entry file lacks "
                    + "WEIR_METADATA (weir/plugin.h)")
        }
        return try parse(section, path: path)
    }

    static func parse(
        _ section: ArraySlice<UInt8>, path: String
    ) throws(PluginLoadError)
        -> Header
    {
        let fixed = 24
        guard section.count > fixed,
            section.prefix(8).elementsEqual(WEIR_METADATA_MAGIC.utf8)
        else {
            throw PluginLoadError(
                .badMetadata, path,
                "section \(Self.section) holds \(section.count) bytes that do not begin with "
                    + "\(WEIR_METADATA_MAGIC): use the macros of weir/plugin.h")
        }
        func word(_ at: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(section[section.startIndex + at + $1]) << ($1 * 8) }
        }
        let size = Int(word(8))
        guard size >= fixed, size < section.count else {
            throw PluginLoadError(
                .badMetadata, path,
                "its metadata header says \(size) bytes, of a section of \(section.count): expected "
                    + "\(fixed) or more, then JSON")
        }
        let text = section.dropFirst(size)
        let json = text.prefix { $0 != 0 }
        return Header(epoch: word(12), minor: word(16), json: Array(json))
    }

    private static func contents(of path: String) throws(PluginLoadError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PluginLoadError(
                .unreadable, path,
                "cannot be opened: \(errorText(errno)). Check path and permissions"
            )
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_size > 0 else {
            throw PluginLoadError(.notELF, path, "is empty, or not a regular file")
        }
        let size = Int(status.st_size)
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
                guard got > 0 else {
                    failed = true
                    break
                }
                count += got
            }
        }
        if failed {
            throw PluginLoadError(.unreadable, path, "cannot be read: \(errorText(errno))")
        }
        return bytes
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined(separator: " ")
    }

    private static func name(of machine: UInt16) -> String {
        switch machine {
        case 62: "x86-64"
        case 183: "aarch64"
        case 3: "x86 (32 bit)"
        case 40: "ARM (32 bit)"
        case 243: "RISC-V"
        default: "machine \(machine)"
        }
    }
}

func errorText(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
}
