import Synchronization
package import WeirConfig

/// The counters of every component that there is or was, so that one that comes back after a reload
/// counts on, and the ledger at the end misses none.
package final class NodeBooks: Sendable {
    package struct Book: Sendable {
        package let key: String
        package let kind: ComponentKind
        package let counters: ComponentCounters
    }

    private let books = Mutex<[Book]>([])

    func counters(of node: GraphPlan.Node) -> ComponentCounters {
        books.withLock { books in
            if let book = books.first(where: { $0.key == node.key }) { return book.counters }
            let book = Book(key: node.key, kind: node.kind, counters: ComponentCounters())
            books.append(book)
            return book.counters
        }
    }

    /// In the order in which they first came.
    package var all: [Book] { books.withLock { $0 } }
}
