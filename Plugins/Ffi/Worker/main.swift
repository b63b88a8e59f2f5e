import WeirJSON
import WeirWorker

/// Calls C functions that settings describe. The first request of a process has the descriptions;
/// they are checked as a whole before anything is called.
func run() -> Never {
    var calls: [PreparedCall]?
    Worker.serve { request throws(WorkerError) in
        if calls == nil { calls = try prepare(request) }
        guard request["check"]?.boolValue != true else { return .null }
        var answers: [JSONValue] = []
        for call in calls ?? [] { answers.append(try call.run()) }
        return .array(answers)
    }
}

func prepare(_ request: JSONValue) throws(WorkerError) -> [PreparedCall] {
    guard let path = request["library"]?.stringValue else {
        throw WorkerError(.invalid, "the request names no library")
    }
    var types = TypeTable()
    for member in request["structs"]?.objectValue ?? [] {
        try types.define(member.key, member.value)
    }
    try types.checkAll()
    let library = try Library(path)
    var calls: [PreparedCall] = []
    for call in request["calls"]?.arrayValue ?? [] {
        calls.append(try PreparedCall(call, library, types))
    }
    return calls
}

run()
