import WeirTelemetry

// What the three signals have in common: the lines about a resource and about a scope.
extension TextWriter {
    mutating func resource(_ heading: String, _ index: Int, _ group: borrowing ResourceGroupView) {
        line("\(heading) #\(index)")
        line("Resource SchemaURL: ", group.schemaURL)
        attributes("Resource attributes", group.resource.attributes)
        line("Resource DroppedAttributesCount: ", unlessZero: group.resource.droppedAttributesCount)
    }

    mutating func scope(_ heading: String, _ index: Int, _ group: borrowing ScopeGroupView) {
        line("\(heading) #\(index)")
        line("\(heading) SchemaURL: ", group.schemaURL)
        put("InstrumentationScope ")
        put(group.scope.name)
        line(" ", group.scope.version)
        attributes("InstrumentationScope attributes", group.scope.attributes)
        line(
            "InstrumentationScope DroppedAttributesCount: ",
            unlessZero: group.scope.droppedAttributesCount)
    }
}
