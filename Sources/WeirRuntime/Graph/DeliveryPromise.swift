package import WeirConfig
import WeirJSON

/// What a receiver promises its clients in one pipeline: when it answers a request.
package struct DeliveryPromise: Sendable, Equatable {
    package let receiver: ComponentID
    package let pipeline: PipelineID
    package let mode: AcknowledgementMode
    /// The sinks that an answer depends on, and those that it does not.
    package let required: [ComponentID]
    package let optional: [ComponentID]
    /// Those of the required ones that do not keep everything on disk, and what would make them.
    package let inMemory: [InMemory]

    package struct InMemory: Sendable, Equatable {
        package let sink: ComponentID
        package let cure: String
    }

    /// By pipeline and receiver, in the order of the configuration.
    package static func all(_ configuration: Configuration) -> [DeliveryPromise] {
        configuration.pipelines.flatMap { pipeline in
            let sinks = configuration.sinks(behind: pipeline)
            return pipeline.inputs.filter { $0.kind == .receiver }.compactMap { input in
                configuration.component(.receiver, input.id).map {
                    DeliveryPromise($0, pipeline.id, sinks)
                }
            }
        }
    }

    private init(
        _ receiver: Configuration.Component, _ pipeline: PipelineID,
        _ sinks: [Configuration.Component]
    ) {
        self.receiver = receiver.id
        self.pipeline = pipeline
        mode = AcknowledgementMode(receiver.settings["ack"])
        required = sinks.filter(\.isRequired).map(\.id)
        optional = sinks.filter { !$0.isRequired }.map(\.id)
        inMemory = sinks.filter(\.isRequired).compactMap { sink in
            sink.cureForMemory.map { InMemory(sink: sink.id, cure: $0) }
        }
    }
}

extension DeliveryPromise: CustomStringConvertible {
    package var description: String {
        let names = required.map(\.description).joined(separator: ", ")
        let answered =
            switch (mode, required.isEmpty) {
            case (_, true): "answered whatever becomes of it"
            case (.enqueued, _):
                "answered once it is queued in memory for \(names); lost if the process dies"
            case (.durable, _): "answered once it is on disk for \(names)"
            case (.delivered, _):
                "answered once \(names) delivered it; a client that stops waiting before, as while a "
                    + "sink is down, sends it twice"
            }
        let others = optional.map(\.description).joined(separator: ", ")
        return "\(receiver) → \(pipeline): \(answered) (ack: \(mode.rawValue))"
            + (optional.isEmpty ? "" : "; not asked: \(others) (required: false)")
    }
}

extension DeliveryPromise {
    /// Promises that cannot be kept.
    package static func faults(_ configuration: Configuration) -> [ConfigurationPlaces.Fault] {
        all(configuration).filter { $0.mode == .durable }.flatMap { promise in
            promise.inMemory.map { missing in
                .init(
                    .receiver, promise.receiver.description,
                    "ack: durable promises that a request is on disk before it is answered, and "
                        + "the sink '\(missing.sink)' behind it in the pipeline "
                        + "'\(promise.pipeline)' keeps its queue in memory: \(missing.cure) there, or "
                        + "required: false if it need not have everything, or ack: delivered here")
            }
        }
    }
}

extension Configuration {
    /// The sinks that a pipeline ends in, also by way of connectors.
    fileprivate func sinks(behind pipeline: Pipeline) -> [Component] {
        var found: [Component] = []
        var seen: Set<PipelineID> = [pipeline.id]
        var open = [pipeline]
        while let next = open.popLast() {
            for output in next.outputs {
                if output.kind == .connector {
                    let others = pipelines.filter { $0.inputs.contains(output) }
                    open += others.filter { seen.insert($0.id).inserted }
                } else if let sink = component(.sink, output.id),
                    !found.contains(where: { $0.id == sink.id })
                {
                    found.append(sink)
                }
            }
        }
        return found
    }
}

extension Configuration.Component {
    fileprivate var isRequired: Bool { settings["required"]?.boolValue ?? true }
    /// What would keep the whole sending queue on disk; nil where it is.
    fileprivate var cureForMemory: String? {
        guard let queue = settings["sending_queue"], queue["enabled"]?.boolValue != false,
            queue["storage"]?.stringValue != nil
        else { return "set sending_queue.storage" }
        // Only what memory has no room for goes to disk then.
        return queue["overflow"]?.stringValue == "spill"
            ? "take away sending_queue.overflow: spill" : nil
    }
}
