import Logging

/// The end of an instance, for callers who can do nothing about a failure but say so.
extension ComponentInstance {
    /// Lets it emit what it holds. False: it is to be asked again.
    func drains(deadlineNano: UInt64) -> Bool {
        do throws(Failure) {
            try drain(deadlineNano: deadlineNano)
        } catch {
            if error.mayRetry, services.time.monotonicNano < deadlineNano { return false }
            services.logger.error("\(error)")
        }
        return true
    }

    func stops(deadlineNano: UInt64) {
        do throws(Failure) {
            try stop(deadlineNano: deadlineNano)
        } catch {
            services.logger.error("\(error)")
        }
    }

    func ends() {
        do throws(Failure) {
            try destroy()
        } catch {
            services.logger.error("\(error)")
        }
    }
}
