import Glibc

/// What a process finds out about the cluster that it runs in.
struct ClusterEnvironment: Sendable {
    /// `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`; empty outside of a cluster.
    var host: String
    var port: String
    /// Where `token`, `ca.crt` and `namespace` are.
    var serviceAccountDirectory: String

    /// This process's own. `WEIR_KUBERNETES_SERVICEACCOUNT` names another directory.
    static var process: ClusterEnvironment {
        ClusterEnvironment(
            host: variable("KUBERNETES_SERVICE_HOST") ?? "",
            port: variable("KUBERNETES_SERVICE_PORT") ?? "",
            serviceAccountDirectory: variable("WEIR_KUBERNETES_SERVICEACCOUNT")
                ?? "/var/run/secrets/kubernetes.io/serviceaccount")
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
