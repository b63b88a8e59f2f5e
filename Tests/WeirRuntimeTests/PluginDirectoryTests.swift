import Glibc
import Testing
import WeirTestKit

@testable import WeirRuntime

@Suite struct PluginDirectoryTests {
    /// The same folder by several paths is searched once, or each of its plugins would stand in its
    /// own way; folders that are not there stay as they were named.
    @Test func aFolderIsSearchedOnce() throws {
        let folder = try TemporaryFolder()
        let link = folder.path + "-link"
        #expect(symlink(folder.path, link) == 0)
        defer { unlink(link) }
        #expect(
            PluginDirectory.searchPath(
                named: ["/nowhere/a", folder.path],
                environment: "\(folder.path)/:\(link):/nowhere/b",
                executable: "/nowhere/bin/weir")
                == ["/nowhere/a", folder.path, "/nowhere/b", "/nowhere/lib/weir/plugins"])
    }
}
