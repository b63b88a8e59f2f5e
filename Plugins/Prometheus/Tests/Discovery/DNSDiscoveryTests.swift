import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct DNSDiscoveryTests {
    @Test func recordsOfServicesNameHostAndPort() throws {
        let host = FakeHost()
        host.dns["_x._tcp.e", .srv] = .found([DNS.Record("db1.e", port: 9100)])
        let run = try DiscoveryRun(#"{"dns_sd_configs":[{"names":["_x._tcp.e"]}]}"#, host: host)
        #expect(
            run.found.all == [
                labels([
                    "__address__": "db1.e:9100", "__meta_dns_name": "_x._tcp.e",
                    "__meta_dns_srv_record_target": "db1.e.",
                    "__meta_dns_srv_record_port": "9100",
                ])
            ])
        run.stop()
    }

    @Test(
        arguments: [
            ("A", DNS.RecordType.a, "10.0.0.1", "10.0.0.1:80", nil),
            ("aaaa", .aaaa, "fd00::1", "[fd00::1]:80", nil),
            ("MX", .mx, "mail.e", "mail.e:80", "__meta_dns_mx_record_target"),
            ("NS", .ns, "ns.e", "ns.e:80", "__meta_dns_ns_record_target"),
        ] as [(String, DNS.RecordType, String, String, String?)])
    func otherRecordsTakeThePortOfTheSettings(
        _ name: String, _ type: DNS.RecordType, _ target: String, _ address: String,
        _ label: String?
    ) throws {
        let host = FakeHost()
        host.dns["e", type] = .found([DNS.Record(target)])
        let run = try DiscoveryRun(
            #"{"dns_sd_configs":[{"names":["e"],"type":"\#(name)","port":80}]}"#, host: host)
        var expected = labels(["__address__": address, "__meta_dns_name": "e"])
        if let label { expected[label] = target + "." }
        #expect(run.found.all == [expected])
        run.stop()
    }

    @Test func aFailureKeepsAndAnAbsenceClears() throws {
        let host = FakeHost()
        host.dns["a", .a] = .found([DNS.Record("1.1.1.1"), DNS.Record("1.1.1.2")])
        host.dns["b", .a] = .found([DNS.Record("2.2.2.2")])
        let run = try DiscoveryRun(
            #"{"dns_sd_configs":[{"names":["a","b"],"type":"A","port":1}]}"#, host: host)
        #expect(run.found.addresses == ["1.1.1.1:1", "1.1.1.2:1", "2.2.2.2:1"])
        host.dns["a", .a] = .failed(.timeout("no name server answered in time"))
        host.dns["b", .a] = .notFound
        host.advance(by: .seconds(90))
        #expect(run.found.addresses == ["1.1.1.1:1", "1.1.1.2:1"])
        #expect(run.warnings.count == 1)
        #expect(run.discovery.status[0].failures == 3)
        run.stop()
    }

    @Test func nothingIsKnownUntilANameWasAnswered() throws {
        let host = FakeHost()
        host.dns["a", .a] = .failed(.timeout("late"))
        let run = try DiscoveryRun(
            #"{"dns_sd_configs":[{"names":["a"],"type":"A","port":1}]}"#, host: host)
        #expect(run.found.calls == [])
        host.dns["a", .a] = .notFound
        host.advance(by: .seconds(30))
        #expect(run.found.calls == [0])
        run.stop()
    }
}
