import Glibc
import Testing
import WeirSDK
import WeirTestKit

struct FilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsWholeFiles() throws {
        let path = try folder.write(String(repeating: "ä", count: 20_000), to: "a/b/c")
        #expect(try Files.read(path, limit: 40_000).count == 40_000)
        #expect(try Files.read(folder.write("", to: "empty")).isEmpty)
    }

    @Test(arguments: [
        (39_999, "39999 bytes"), (39 << 10, "39 KiB"), (1, "1 bytes"),
    ])
    func tooLarge(_ limit: Int, _ text: String) throws {
        let path = try folder.write(String(repeating: "s", count: 40_000), to: "a")
        let error = #expect(throws: ComponentError.self) {
            try Files.read(path, limit: limit)
        }
        #expect(error?.kind == .refused)
        #expect(error?.message.hasPrefix("\(path) has more than \(text)") == true)
    }

    @Test func whatCannotBeRead() throws {
        for path in [folder.path("none"), folder.path] {
            let error = #expect(throws: ComponentError.self) { try Files.read(path) }
            #expect(error?.kind == .retry(after: nil))
            #expect(error?.message.hasPrefix("\(path) cannot be read: ") == true)
        }
        // Nobody writes into this pipe.
        let pipe = folder.path("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        #expect(try Files.read(pipe).isEmpty)
    }

    @Test func names() throws {
        for name in ["b", "a", ".hidden", "f/x"] { try folder.write("", to: name) }
        #expect(try Files.names(in: folder.path) == [".hidden", "a", "b", "f"])
        let error = #expect(throws: ComponentError.self) {
            try Files.names(in: folder.path("a"))
        }
        #expect(error?.message == "\(folder.path)/a cannot be listed: Not a directory")
    }

    @Test func stampsTellStatesApart() throws {
        let path = try folder.write("one", to: "a/file")
        let first = try #require(FileStamp(path))
        #expect(FileStamp(path) == first)
        try folder.write("two", to: "a/file")
        let second = try #require(FileStamp(path))
        #expect(second != first, "another file has the name")
        // As Kubernetes does it.
        try folder.write("two", to: "b/file")
        try folder.link("data", to: "a")
        #expect(FileStamp(folder.path("data/file")) == second)
        try folder.link("data", to: "b")
        #expect(FileStamp(folder.path("data/file")) != second)
        folder.remove("b")
        #expect(FileStamp(folder.path("data/file")) == nil)
    }
}

struct SecretFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        ("s3cret", "s3cret", "s3cret"), ("s3cret\n", "s3cret", "s3cret"),
        ("s3cret\r\n", "s3cret", "s3cret"),
        (" two words \nmore\n", " two words ", "two words \nmore"),
        ("pässwörd\n\n", "pässwörd", "pässwörd"),
    ])
    func reads(_ text: String, _ line: String, _ trimmed: String) throws {
        let file = SecretFile(try folder.write(text, to: "secret"), setting: "password_file")
        #expect(try file.line() == line)
        #expect(try file.trimmed() == trimmed)
    }

    @Test func isReadAnew() throws {
        let file = SecretFile(try folder.write("one", to: "secret"), setting: "pin_file")
        #expect(try file.line() == "one")
        try folder.write("two", to: "secret")
        #expect(try file.line() == "two")
    }

    /// Errors name the file, never what is in it.
    @Test(arguments: [
        ("", "is empty"), ("\n", "is empty"),
        (String(repeating: "geheim", count: 11_000), "has more than 64 KiB"),
    ])
    func refuses(_ text: String, _ message: String) throws {
        let path = try folder.write(text, to: "secret")
        let file = SecretFile(path, setting: "token_file")
        for read in [file.line, file.trimmed] {
            let error = #expect(throws: ComponentError.self) { try read() }
            #expect(error?.message.hasPrefix("token_file \(path) \(message)") == true)
            #expect(error?.message.contains("geheim") == false)
        }
        folder.remove("secret")
        let gone = #expect(throws: ComponentError.self) { try file.line() }
        #expect(
            gone == .retry("token_file \(path) cannot be read: No such file or directory"))
    }
}

struct TemporaryFolderTests {
    @Test func goesWithAllThatIsInIt() throws {
        let other = try TemporaryFolder()
        try other.write("kept", to: "kept")
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path)
        try folder?.write("x", to: "a/b/c")
        try folder?.link("link", to: other.path)
        #expect(try folder?.read("a/b/c") == "x")
        folder = nil
        #expect(unsafe access(path, F_OK) != 0)
        #expect(try other.read("kept") == "kept")
    }

    /// What nobody releases goes when the process exits.
    @Test func goesWithTheProcess() async throws {
        let outer = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [outer = outer.path as String] in
            unsafe setenv("TMPDIR", outer, 1)
            let folder = try TemporaryFolder()
            try folder.write("x", to: "a/b")
            unsafe _ = Unmanaged.passRetained(folder)
            exit(try Files.names(in: outer).count == 1 ? 0 : 1)
        }
        #expect(try Files.names(in: outer.path).isEmpty)
    }
}
