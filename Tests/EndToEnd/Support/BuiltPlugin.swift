import WeirTestKit

extension EndToEnd {
    /// A folder with the plugin that a file of `Plugins` is, built as its author would.
    func builtPlugin(_ name: String) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let sdk = "\(Build.root)/sdk"
        let result = try await Command(
            "/usr/bin/cc",
            [
                "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
                "-fvisibility=hidden", "-I\(sdk)/include",
                "-Wl,--version-script=\(sdk)/weir-plugin.map",
                "-o", "\(folder.path)/weir-\(name).so",
                "\(Build.root)/Tests/EndToEnd/Plugins/\(name).c",
            ]
        ).run()
        guard result.status == 0 else { throw Failure("cc: \(result.errors)") }
        return folder
    }
}
