import Foundation
import Glibc
import WeirJSON
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import NatsPlugin

/// A client of its own beside the component under test.
final class PlainClient {
    private let connection: NatsConnection
    private let host: FakeHost

    init(_ server: NatsServer, _ login: String = "") throws {
        host = FakeHost()
        let endpoint = "nats://\(login)127.0.0.1:\(server.port)"
        let text =
            #"{"endpoint": "\#(endpoint)", "connection_timeout": 10000000000}"#
        let settings = try HostSettings(JSONValue(parsing: text)).decode(ConnectionSettings.self)
        connection = try Connector(settings, host.asSeenByPlugin).open()
    }

    private var deadline: Deadline { host.asSeenByPlugin.deadline(in: .seconds(10)) }

    func ask(_ subject: String, _ json: String = "") throws -> JetStreamReply {
        let request = json.isEmpty ? nil : try JSONValue(parsing: json)
        return try connection.ask(subject, request, deadline: deadline)
    }

    func makeStream(_ name: String = "WEIR", _ more: String = "") throws {
        let reply = try ask(
            "STREAM.CREATE.\(name)",
            #"{"name": "\#(name)", "subjects": ["weir.*"], "storage": "file"\#(more)}"#)
        if let failure = reply.failure { throw TestFailure("the stream: \(failure)") }
    }

    /// Publishes, and waits until the stream has it.
    func publish(
        _ subject: String, _ payload: [UInt8], _ headers: [Header] = []
    ) throws {
        try publish(subject, payload, rawHeaders: MessageHeaders(headers).bytes)
    }

    func publish(_ subject: String, _ payload: [UInt8], rawHeaders: [UInt8]) throws {
        let reply = connection.newInbox()
        try connection.write(
            ClientOperation.publish(subject, reply: reply, headers: rawHeaders, payload),
            deadline: deadline)
        let answer = try connection.read(deadline: deadline)
        guard case .delivered = PublishAnswer.outcome(answer, subject: subject) else {
            throw TestFailure("not stored: \(String(decoding: answer.payload, as: UTF8.self))")
        }
    }

    /// Messages in the stream.
    func count(_ stream: String = "WEIR") -> Int {
        let reply = try? ask("STREAM.INFO.\(stream)")
        return Int(reply?.json["state"]?["messages"]?.integerValue ?? -1)
    }

    /// Numbers of the consumer: num_pending, num_ack_pending, num_redelivered.
    func consumer(_ key: String, _ name: String = "weir", _ stream: String = "WEIR") -> Int {
        let reply = try? ask("CONSUMER.INFO.\(stream).\(name)")
        return Int(reply?.json[key]?.integerValue ?? -1)
    }

    /// A message as it lies in the stream.
    func stored(_ sequence: Int, _ stream: String = "WEIR") throws -> (
        subject: String, headers: MessageHeaders, payload: [UInt8]
    ) {
        let reply = try ask("STREAM.MSG.GET.\(stream)", #"{"seq": \#(sequence)}"#)
        guard let message = reply.json["message"], let data = message["data"]?.stringValue else {
            throw TestFailure(
                "there is no message \(sequence): \(String(describing: reply.failure))")
        }
        let head = Data(base64Encoded: message["hdrs"]?.stringValue ?? "") ?? Data()
        return (
            message["subject"]?.stringValue ?? "",
            head.isEmpty ? MessageHeaders() : try MessageHeaders(parsing: Array(head)[...]),
            Array(Data(base64Encoded: data) ?? Data())
        )
    }
}

/// A request with one log record.
func logs(_ texts: String...) throws -> [UInt8] { try logs(texts) }

func logs(_ texts: [String]) throws -> [UInt8] {
    let records = texts.map { #"{"body":{"stringValue":"\#($0)"}}"# }.joined(separator: ",")
    return try protobuf(
        fromJSON: Array(
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#.utf8), as: .logs)
}
