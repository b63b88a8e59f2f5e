import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A minute of `make chaos`: kills, reloads, a full disk, a clock that jumps and a server that does
    /// everything wrong. Whatever was acknowledged has to arrive, and no page may lose count.
    @Test(.timeLimit(.minutes(5)))
    func chaosLosesNothing() async throws {
        let folder = try TemporaryFolder()
        let clock = "\(folder.path)/clock.so"
        let compiled = try await Command(
            "/usr/bin/cc",
            ["-shared", "-fPIC", "-O1", "-o", clock, "\(Build.clients)/clock.c", "-ldl"]
        ).run()
        #expect(compiled.status == 0, "\(compiled.errors)")
        let run = try await Command(
            Build.python,
            [
                "\(Build.clients)/chaos.py", "--weir", Build.weir, "--plugins", Build.plugins,
                "--clock", clock, "--folder", folder.path, "--seconds", "60",
            ], limit: 280
        ).run()
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print(run.output)
    }
}

extension EndToEnd {
    /// Twenty seconds of `make overload`. How much memory that takes is measured there, with the
    /// program that users have; here it is that nothing gets lost and everybody is told when to come
    /// back.
    @Test(.timeLimit(.minutes(3)))
    func tenTimesTooMuchLosesNothing() async throws {
        let folder = try TemporaryFolder()
        let run = try await Command(
            Build.python,
            [
                "\(Build.clients)/overload.py", "--weir", Build.weir, "--plugins", Build.plugins,
                "--folder", folder.path, "--seconds", "20", "--budget", "32", "--beside", "200",
            ], limit: 170
        ).run()
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print(run.output)
    }
}
