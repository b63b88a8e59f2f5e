import Synchronization

/// A reference that is set once and kept. `AtomicLazyReference` is the same, but is called through
/// its generic entry in the library, which costs more than all else that making a batch does with it.
@safe struct OnceReference<Instance: AnyObject & Sendable>: ~Copyable {
    private let stored = unsafe Atomic<Unmanaged<Instance>?>(nil)

    deinit { unsafe stored.load(ordering: .acquiring)?.release() }

    /// What has been set, if anything.
    @inline(__always)
    func load() -> Instance? {
        unsafe stored.load(ordering: .acquiring)?.takeUnretainedValue()
    }

    /// Sets it unless it is set, and returns what is there then.
    func storeIfNil(_ instance: Instance) -> Instance {
        let wanted = unsafe Unmanaged.passRetained(instance)
        let (isStored, earlier) = unsafe stored.compareExchange(
            expected: nil, desired: wanted, ordering: .acquiringAndReleasing)
        guard !isStored, let earlier = unsafe earlier else { return instance }
        unsafe wanted.release()
        return unsafe earlier.takeUnretainedValue()
    }
}
