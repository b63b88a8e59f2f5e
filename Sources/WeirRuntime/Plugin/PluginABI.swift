import CWeir

/// What this host offers to plugins.
package enum PluginABI {
    package static let epoch = UInt32(WEIR_ABI_EPOCH)
    package static let minor = UInt32(WEIR_ABI_MINOR)
}
