import CWeirMemory
import NIOCore
import NIOPosix

/// What starting takes is much more than what an idle process needs: the text of every schema and the
/// code that reads it, the loader's work, and a little later the first handshakes and collections.
enum StartUpMemory {
    /// To be called when the process is ready.
    static func giveBack(_ group: any EventLoopGroup, _ blocking: NIOThreadPool) {
        weir_memory_give_back()
        // Once more when exporters have collected for the first time.
        group.next().scheduleTask(in: .seconds(20)) {
            blocking.submit { state in
                if case .active = state { weir_memory_give_back() }
            }
        }
    }
}
