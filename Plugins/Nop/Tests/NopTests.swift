import NopPlugin
import Testing
import WeirSDK

struct NopTests {
    @Test func declaresTwoComponents() {
        #expect(plugin.components.map(\.type) == ["nop", "nop"])
    }
}
