import Testing
import WeirPrometheus

@Suite struct LabelsTests {
    @Test func sortsByBytesAndDropsEmpty() {
        var labels = Labels([Label("b", "2"), Label("a", "1"), Label("Z", "0"), Label("b", "3")])
        #expect(labels.all.map(\.name) == ["Z", "a", "b"])
        #expect(labels["b"] == "3")
        labels["a"] = ""
        #expect(labels.description == #"{Z="0", b="3"}"#)
        #expect(labels["missing"] == "")
    }

    /// é as one scalar and as two are different labels, as they are for Prometheus.
    @Test func comparesBytes() {
        let labels = Labels([Label("caf\u{e9}", "1"), Label("cafe\u{301}", "2")])
        #expect(labels.all.count == 2)
    }
}
