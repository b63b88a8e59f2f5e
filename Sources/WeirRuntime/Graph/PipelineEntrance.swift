import CWeir
import CWeirSystem

/// The way into a pipeline that has a share of the memory: what comes in counts in it until it is
/// done with, and what there is no room for is to come again, whatever other pipelines hold.
final class PipelineEntrance: Consumer {
    let share: PipelineShare
    private let members: [any Consumer]
    private let outputs: Outputs

    /// - Parameter former: the way into the same pipeline that this takes the place of.
    init(
        _ share: PipelineShare, to members: [any Consumer], time: any HostTime,
        after former: PipelineEntrance? = nil
    ) {
        self.share = share
        self.members = members
        outputs = Outputs(members, time: time, after: former?.outputs ?? Outputs())
    }

    func leads(to others: [any Consumer]) -> Bool { outputs.leads(to: others) }

    var isRequired: Bool { members.contains(where: \.isRequired) }
    var patience: UInt64 { outputs.patience }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        if var charge = share.charge(batch.heldBytes) {
            let status = unsafe outputs.take(batch.charged(charge), error: error)
            if status != Status.ok, isKnownUniquelyReferenced(&charge) { charge.cancel() }
            return status
        }
        share.refused()
        guard isRequired else {
            drop(batch, reason: PipelineShare.reason)
            return Status.ok
        }
        if !weir_call_is_repeat() { share.refused.add(batch.items, batch.signal) }
        return unsafe refuse(error)
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard share.hasRoom(for: batch.heldBytes) else {
            return isRequired ? unsafe refuse(error) : Status.ok
        }
        return unsafe outputs.wouldTake(batch, error: error)
    }

    func drop(_ batch: HostBatch, reason: String) {
        for member in members { member.drop(batch, reason: reason) }
    }

    private func refuse(_ error: UnsafeMutablePointer<weir_error>) -> weir_status {
        unsafe error.pointee.set(
            Status.retry, "\(share.refusal): retry later", retryAfter: share.retryAfterNano)
        return Status.retry
    }
}

extension PipelineEntrance {
    /// The way into each pipeline that has a share, by its id; those that lead where one has led
    /// before go on, because they know who has what.
    static func all(
        _ plan: GraphPlan, _ members: [Graph.Member], after former: [String: PipelineEntrance],
        _ services: HostServices
    ) -> [String: PipelineEntrance] {
        var entrances: [String: PipelineEntrance] = [:]
        for pipeline in plan.pipelines where pipeline.memory != nil {
            let consumers = pipeline.entries.compactMap { members[$0].consumer }
            if let known = former[pipeline.id], known.leads(to: consumers) {
                entrances[pipeline.id] = known
                continue
            }
            entrances[pipeline.id] = PipelineEntrance(
                services.shares.share(of: pipeline.id), to: consumers, time: services.time,
                after: former[pipeline.id])
        }
        return entrances
    }
}
