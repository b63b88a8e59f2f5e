import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// docs/components is what the plugins say of themselves: `make docs` was run after the last
    /// change of a plugin.json.
    @Test(.timeLimit(.minutes(1)))
    func referencePagesAreCurrent() async throws {
        let folder = try TemporaryFolder()
        let result = try await Command.weir(
            "components", "--format", "markdown", "--output", folder.path)
        #expect(result.status == 0, "\(result.errors)")
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: "\(Build.root)/docs/components"
        ).sorted()
        #expect(written == kept, "run `make docs`")
        #expect(written.count >= 12)
        for name in written {
            let page = try String(
                contentsOfFile: "\(Build.root)/docs/components/\(name)", encoding: .utf8)
            #expect(page == (try folder.read(name)), "run `make docs`: \(name) differs")
        }
    }
}
