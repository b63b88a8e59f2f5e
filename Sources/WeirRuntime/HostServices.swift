package import Logging
package import NIOCore
package import NIOPosix

/// What the host lends to every component.
package final class HostServices: Sendable {
    package let time: any HostTime
    package let group: any EventLoopGroup
    /// For calls that may block.
    package let blocking: NIOThreadPool
    package let budget: MemoryBudget
    /// What pipelines may hold of it.
    package let shares: PipelineShares
    /// Rung when there is room again.
    let bell: RoomBell
    package let logger: Logger
    package let network = NetworkCounters()
    package let state = ProcessState()
    package let admin = AdminRoutes()
    /// What keeps things for components (weir/ext/storage.h).
    let storages = ComponentStorages()
    package let reloads = ReloadRecord()
    let listeners = Listeners()
    package let names: NameResolver
    /// How long one control call (create, start, drain, stop) of one component may take.
    package let controlLimit: Duration

    package init(
        time: any HostTime, group: any EventLoopGroup, blocking: NIOThreadPool,
        budget: MemoryBudget, logger: Logger, controlLimit: Duration = .seconds(10),
        names: NameResolver = .shared
    ) {
        self.time = time
        self.group = group
        self.blocking = blocking
        self.budget = budget
        bell = RoomBell(time: time)
        shares = PipelineShares(of: budget, time: time, bell: bell, logger: logger)
        self.logger = logger
        self.controlLimit = controlLimit
        self.names = names
    }
}
