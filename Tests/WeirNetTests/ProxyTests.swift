import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WeirNet

@Suite struct ProxyTests {
    @Test(
        arguments: [
            ("http://proxy:3128", "proxy:3128", nil), ("http://proxy/", "proxy:80", nil),
            ("http://u:p%40x@[::1]:8", "[::1]:8", "Basic dTpwQHg="),
            ("http://u@proxy", "proxy:80", "Basic dTo="),
        ] as [(String, String, String?)])
    func urls(text: String, endpoint: String, authorization: String?) throws {
        let proxy = try ClientProxy(parsing: text)
        #expect(proxy.endpoint.description == endpoint)
        #expect(proxy.authorization == authorization)
    }

    @Test(arguments: ["https://proxy:1", "socks5://u:secret@proxy:1", "proxy:1", "http://"])
    func refusedURLs(text: String) {
        let error = #expect(throws: NetError.self) { try ClientProxy(parsing: text) }
        #expect(error?.message.contains("http://host:port") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func plaintextGoesByAbsoluteForm() throws {
        let proxy = try ScriptedServer { head, connection in
            connection.answer("200 OK", head.requestLine)
        }
        defer { proxy.stop() }
        let client = try scriptedClient("http://target.example:81/base") {
            $0.proxy = try! ClientProxy(parsing: "http://u:p@127.0.0.1:\(proxy.port)")
        }
        defer { try? client.close().wait() }
        let response = try client.call(get("/metrics")).get()
        #expect(
            String(buffer: response.body) == "GET http://target.example:81/base/metrics HTTP/1.1")
        #expect(proxy.requests[0].header("host") == "target.example:81")
        #expect(proxy.requests[0].header("proxy-authorization") == "Basic dTpw")
    }

    /// Passes bytes on to another channel.
    private final class Pass: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel
        init(_ other: any Channel) { self.other = other }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
    }

    @Test func tlsGoesThroughATunnel() throws {
        let certificates = Certificates.shared
        let fixture = try ServerFixture {
            $0.tls = ServerTLSOptions(
                certFile: certificates.path("server.pem"), keyFile: certificates.path("server.key"))
        }
        defer { try? fixture.stop() }
        let port = fixture.port
        let proxy = try ScriptedServer { _, connection in
            ClientBootstrap(group: connection.eventLoop)
                .channelInitializer { $0.pipeline.addHandler(Pass(connection)) }
                .connect(host: "127.0.0.1", port: port)
                .flatMap { connection.pipeline.addHandler(Pass($0), position: .first) }
                .whenSuccess { connection.say("HTTP/1.1 200 Connection established\r\n\r\n") }
        }
        defer { proxy.stop() }
        let client = try scriptedClient("https://localhost:\(port)") {
            $0.tls.caFile = certificates.path("ca.pem")
            $0.proxy = try! ClientProxy(parsing: "http://u:p@127.0.0.1:\(proxy.port)")
        }
        defer { try? client.close().wait() }
        #expect(client.call(get("/a")).response?.status == 200)
        #expect(fixture.handler.log.withLock { $0.paths } == ["/a"])
        #expect(proxy.requests.first?.requestLine == "CONNECT localhost:\(port) HTTP/1.1")
        #expect(proxy.requests.first?.header("proxy-authorization") == "Basic dTpw")
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it answered \"HTTP/1.1 407 Proxy"),
        ("SSH-2.0-x\r\n\r\n", "it answered \"SSH-2.0-x\""), ("", "it answered nothing for 80 ms"),
    ])
    func aProxyThatGivesNoWay(answer: String, text: String) throws {
        let proxy = try ScriptedServer { _, connection in connection.say(answer) }
        defer { proxy.stop() }
        let client = try scriptedClient("https://target.example:443") {
            $0.proxy = try! ClientProxy(parsing: proxy.url)
            $0.connectTimeout = .milliseconds(80)
        }
        defer { try? client.close().wait() }
        let error = try #require(client.call(get()).error)
        #expect(error.kind == .connectFailed)
        #expect(
            error.message.contains(
                "the proxy 127.0.0.1:\(proxy.port) gave no way to target.example:443"))
        #expect(error.message.contains(text), "\(error.message)")
    }

    @Test func aProxyThatIsNotThere() throws {
        let proxy = try ScriptedServer { _, _ in }
        proxy.stop()
        for scheme in ["http", "https"] {
            let client = try scriptedClient("\(scheme)://target.example:443") {
                $0.proxy = try! ClientProxy(parsing: proxy.url)
            }
            defer { try? client.close().wait() }
            let error = try #require(client.call(get()).error)
            #expect(
                error.message.hasPrefix(
                    "cannot connect to the proxy 127.0.0.1:\(proxy.port): connection refused"))
        }
    }
}
