import CPkcs11
import WeirJSON
import WeirWorker

/// One module, the sessions that are open on its tokens, and what a look at them gives.
final class TokenWatch {
    private let module: Module
    private var sessions: [UInt: Session] = [:]

    init(_ request: JSONValue) throws(WorkerError) {
        guard let path = request["module"]?.stringValue else {
            throw WorkerError(.invalid, "the request names no module")
        }
        module = try Module(path, configuration: request["configuration"]?.stringValue)
    }

    func look(_ request: JSONValue) -> JSONValue {
        var members: [JSONMember] = []
        var slots: [JSONValue] = []
        var errors: [JSONValue] = []
        do throws(Refusal) {
            members.append(JSONMember("module", try module.info()))
            let numbers = try module.slots()
            sessions = sessions.filter { numbers.contains($0.key) }
            for number in numbers { slots.append(slot(number, request)) }
        } catch {
            errors.append(error.json)
        }
        members.append(JSONMember("slots", .array(slots)))
        members.append(JSONMember("errors", .array(errors)))
        members.append(JSONMember("operations", .array(module.operations)))
        module.operations = []
        return .object(members)
    }

    private func slot(_ number: UInt, _ request: JSONValue) -> JSONValue {
        var description = TokenDescription(number)
        var members: [JSONMember] = []
        var errors: [JSONValue] = []
        do throws(Refusal) {
            try description.read(module)
            if description.isPresent {
                let mechanisms = try module.mechanisms(number)
                members.append(JSONMember("mechanisms", .integer(Int64(mechanisms.count))))
                if isChosen(description, request) {
                    members += try inside(description, mechanisms, request, &errors)
                }
            }
        } catch {
            // Whatever it was, the session is of no more use.
            sessions[number] = nil
            errors.append(error.json)
        }
        if !description.isPresent { sessions[number] = nil }
        return .object(description.json + members + [JSONMember("errors", .array(errors))])
    }

    /// Without a choice: every token that is initialised, for what it shows without a PIN.
    private func isChosen(_ found: TokenDescription, _ request: JSONValue) -> Bool {
        if let label = request["token"]?.stringValue, label != found.label { return false }
        if let serial = request["serial"]?.stringValue, serial != found.serial { return false }
        if let slot = request["slot"]?.integerValue, slot != Int64(clamping: found.slot) {
            return false
        }
        return found.flags & UInt(CKF_TOKEN_INITIALIZED) != 0
    }

    /// What takes a session: logging in, counting objects, the probes.
    private func inside(
        _ token: TokenDescription, _ mechanisms: [UInt], _ request: JSONValue,
        _ errors: inout [JSONValue]
    ) throws(Refusal) -> [JSONMember] {
        let session = try open(token)
        var members: [JSONMember] = []
        if let pin = request["pin"]?.stringValue {
            let refusal = request["refusals"]?.arrayValue?.first {
                $0["token"]?.stringValue == token.label && $0["serial"]?.stringValue == token.serial
            }
            // What the plugin knows already is not found out again.
            let login: String
            if let known = refusal?["code"]?.stringValue {
                login = known
            } else {
                let isCounted =
                    request["counted"]?.arrayValue?.contains {
                        $0["token"]?.stringValue == token.label
                            && $0["serial"]?.stringValue == token.serial
                    } ?? false
                login = try session.login(
                    pin, token, isUncertain: request["uncertain"]?.boolValue == true,
                    isCautious: request["cautious"]?.boolValue == true && !isCounted)
            }
            members.append(JSONMember("login", .string(login)))
        }
        if request["objects"]?.boolValue == true {
            members.append(JSONMember("objects", try session.countObjects()))
        }
        if request["certificates"]?.boolValue == true {
            members.append(JSONMember("certificates", .array(try session.certificates())))
        }
        let probes = request["probe"]?.arrayValue ?? []
        if !probes.isEmpty {
            let results = probes.map { Probe($0, session, mechanisms).run() }
            members.append(JSONMember("probes", .array(results)))
        }
        members.append(JSONMember("session", .bool(try session.answers())))
        return members
    }

    private func open(_ token: TokenDescription) throws(Refusal) -> Session {
        if let session = sessions[token.slot] {
            if let answers = try? session.answers(), answers { return session }
            session.close()
        }
        sessions[token.slot] = nil
        let session = try Session(module, token.slot)
        sessions[token.slot] = session
        return session
    }
}
