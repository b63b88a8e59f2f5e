import CWeir
import WeirJSON
import WeirTelemetry

/// The functions that the host calls. Nothing is thrown across: a typed error becomes a status and
/// a message. A trap is not caught; `isolation: process` is there for what may trap.
enum Thunks {
    typealias Failure = UnsafeMutablePointer<weir_error>
    typealias Timed = @convention(c) (OpaquePointer?, weir_deadline, Failure?) -> weir_status

    static let create:
        @convention(c) (
            UnsafePointer<weir_component>?, UnsafePointer<weir_host>?, weir_slice,
            UnsafeMutablePointer<OpaquePointer?>?, Failure?
        ) -> weir_status = { component, host, settings, result, error in
            let box = unsafe Unmanaged<RegistrationBox>.fromOpaque(component!.pointee.context)
            let registration = unsafe box.takeUnretainedValue().registration
            return unsafe status(error!) { () throws(ComponentError) in
                let expected = unsafe MemoryLayout<weir_host>.size
                let found = unsafe Int(host!.pointee.size)
                guard found >= expected else {
                    throw .unsupported(
                        "the host's table has \(found) bytes, this plugin needs \(expected): "
                            + "use a newer host")
                }
                let json: JSONValue
                do throws(JSONError) {
                    let bytes = unsafe Array(settings.bytes)
                    json = bytes.isEmpty ? .object([]) : try JSONValue(parsing: bytes)
                } catch {
                    throw .invalid("settings: \(error)")
                }
                let instance = try unsafe registration.make(json, Host(host!))
                unsafe result!.pointee = OpaquePointer(
                    Unmanaged.passRetained(instance).toOpaque())
            }
        }

    static let start: Timed = { instance, deadline, error in
        unsafe status(error!) { () throws(ComponentError) in
            try unsafe get(instance).start(Deadline(monotonicNanoseconds: deadline))
        }
    }

    static let drain: Timed = { instance, deadline, error in
        unsafe status(error!) { () throws(ComponentError) in
            try unsafe get(instance).drain(Deadline(monotonicNanoseconds: deadline))
        }
    }

    static let stop: Timed = { instance, deadline, error in
        unsafe status(error!) { () throws(ComponentError) in
            try unsafe get(instance).stop(Deadline(monotonicNanoseconds: deadline))
        }
    }

    static let destroy: @convention(c) (OpaquePointer?) -> Void = { instance in
        // A host that forgets stop() must not leave timers behind that fire into freed memory.
        do throws(ComponentError) {
            try unsafe get(instance).stop(.none)
        } catch {
            unsafe get(instance).host.log(.warning, "stop() in destroy(): \(error)")
        }
        unsafe Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(instance!)).release()
    }

    static let consume:
        @convention(c) (OpaquePointer?, UnsafePointer<weir_batch>?, Failure?) -> weir_status = {
            instance, batch, error in
            unsafe status(error!) { () throws(ComponentError) in
                let instance = unsafe get(instance)
                let batch = try unsafe Batch(retaining: batch!, instance.host)
                try instance.consume(batch)
            }
        }

    static let deliver:
        @convention(c) (
            OpaquePointer?, UnsafePointer<weir_batch>?, UnsafePointer<weir_delivery>?, Failure?
        ) -> weir_status = { instance, batch, raw, error in
            let instance = unsafe get(instance)
            let delivery = unsafe Delivery(raw!, instance.host)
            do throws(ComponentError) {
                let batch = try unsafe Batch(retaining: batch!, instance.host)
                let outcome = try instance.deliver(batch, delivery)
                return unsafe delivery.answer(outcome, error!)
            } catch let failure {
                return unsafe delivery.fail(failure, error!)
            }
        }

    static let collect:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<weir_metrics>?, weir_deadline, Failure?
        ) -> weir_status = { instance, raw, deadline, error in
            unsafe status(error!) { () throws(ComponentError) in
                var metrics = unsafe Metrics(raw!)
                try unsafe get(instance).collect(
                    &metrics, Deadline(monotonicNanoseconds: deadline))
            }
        }

    private static func get(_ instance: OpaquePointer?) -> Instance {
        unsafe Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(instance!)).takeUnretainedValue()
    }

    private static func status(
        _ error: UnsafeMutablePointer<weir_error>, _ body: () throws(ComponentError) -> Void
    ) -> weir_status {
        do throws(ComponentError) {
            try body()
            return Status.ok
        } catch let failure {
            return unsafe failure.write(to: error)
        }
    }
}
