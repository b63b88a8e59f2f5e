import Foundation
import Synchronization
import Testing
import WeirRuntime

@testable import WeirCommand

/// Basic authentication with bcrypt hashes, as the system's libcrypt checks them.
@Suite struct WebUsersTests {
    /// Of `secret`, with the three prefixes that mean the same.
    private static func hash(_ prefix: String = "2y") -> String {
        "$\(prefix)$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
    }

    private static func basic(_ text: String) -> String {
        "Basic " + Data(text.utf8).base64EncodedString()
    }

    private func verdict(_ users: WebUsers, _ header: String?) async -> WebUsers.Verdict {
        await withCheckedContinuation { done in
            users.check(header) { done.resume(returning: $0) }
        }
    }

    private static let headers: [(String?, WebUsers.Verdict)] = [
        (basic("alice:secret"), .welcome),
        (basic("carol:secret"), .welcome), (basic("dave:secret"), .welcome),
        (basic("alice:secret").replacing("Basic ", with: "basic  "), .welcome),
        (basic("alice:Secret"), .refused), (basic("alice:"), .refused),
        (basic("alice"), .refused), (basic("bob:secret"), .refused),
        // libcrypt would look no further than the end of the text.
        (basic("alice:secret\0more"), .refused),
        (basic(":secret"), .refused), ("Basic ???", .refused), ("Bearer secret", .refused),
        ("", .refused), (nil, .refused),
        // The password of the hash for users that do not exist.
        (basic("nobody:nobody has this"), .refused),
    ]

    @Test(arguments: Self.headers)
    func aPasswordIsChecked(_ header: String?, _ expected: WebUsers.Verdict) async throws {
        try #require(WebUsers.canCheck)
        let users = WebUsers {
            ["alice": Self.hash(), "carol": Self.hash("2a"), "dave": Self.hash("2b")]
        }
        defer { users.stop() }
        // The second time what was right is remembered; nothing else is.
        for _ in 0..<2 { #expect(await verdict(users, header) == expected) }
    }

    /// What was right once is wrong as soon as the hash is another.
    @Test func aNewHashCountsAtOnce() async {
        let hash = Mutex(Self.hash())
        let users = WebUsers { ["alice": hash.withLock { $0 }] }
        defer { users.stop() }
        let header = Self.basic("alice:secret")
        #expect(await verdict(users, header) == .welcome)
        // Of `nobody has this`.
        hash.withLock { $0 = "$2b$10$abcdefghijklmnopqrstuuROfV0doWU3Lyx1MXHO14yZOkxttlM3W" }
        #expect(await verdict(users, header) == .refused)
        #expect(await verdict(users, Self.basic("alice:nobody has this")) == .welcome)
    }

    /// Whoever guesses passwords does not keep those out who have one.
    @Test func guessesDoNotPileUp() async {
        let slow = "$2b$10$abcdefghijklmnopqrstuuROfV0doWU3Lyx1MXHO14yZOkxttlM3W"
        let users = WebUsers { ["alice": Self.hash(), "bob": slow] }
        defer { users.stop() }
        #expect(await verdict(users, Self.basic("alice:secret")) == .welcome)
        let verdicts = Mutex<[WebUsers.Verdict]>([])
        for number in 0..<100 {
            users.check(Self.basic("bob:\(number)")) { verdict in
                verdicts.withLock { $0.append(verdict) }
            }
        }
        #expect(verdicts.withLock { $0.filter { $0 == .busy }.count } >= 100 - 16 - 4)
        #expect(await verdict(users, Self.basic("alice:secret")) == .welcome)
    }
}
