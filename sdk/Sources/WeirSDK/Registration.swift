package import WeirJSON

/// One component of a plugin: its kind, its type as in configurations, and its class.
public struct Registration: Sendable {
    public let kind: ComponentKind
    public let type: String
    public let capabilities: Capabilities
    let make: @Sendable (JSONValue, Host) throws(ComponentError) -> Instance
    /// Decodes settings without making a component; the conformance suite reads the trace.
    package let decode: @Sendable (JSONValue, SettingsTrace) throws(ComponentError) -> Void

    private init<C: Component>(
        _ kind: ComponentKind, _ type: String, _ capabilities: Capabilities,
        _ wrap: @escaping @Sendable (C, Host) -> Instance
    ) {
        self.kind = kind
        self.type = type
        self.capabilities = capabilities
        make = { json, host throws(ComponentError) in
            let settings = try decodeSettings(C.Settings.self, from: json)
            return wrap(try C(settings: settings, host: host), host)
        }
        decode = { json, trace throws(ComponentError) in
            _ = try decodeSettings(C.Settings.self, from: json, trace: trace)
        }
    }

    public static func receiver<C: Receiver>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.receiver, type, capabilities) { (component: C, host) in
            Instance(component, host)
        }
    }

    public static func exporter<C: Exporter>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.exporter, type, capabilities) { (component: C, host) in
            ExporterInstance(component, host)
        }
    }

    public static func processor<C: Processor>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.processor, type, capabilities) { (component: C, host) in
            ConsumerInstance(component, host)
        }
    }

    public static func connector<C: Connector>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.connector, type, capabilities) { (component: C, host) in
            ConsumerInstance(component, host)
        }
    }

    public static func sink<C: Sink>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.sink, type, capabilities) { (component: C, host) in
            SinkInstance(component, host)
        }
    }

    public static func `extension`<C: Extension>(
        _ type: String, _: C.Type, _ capabilities: Capabilities = []
    ) -> Registration {
        Registration(.extension, type, capabilities) { (component: C, host) in
            Instance(component, host)
        }
    }
}
