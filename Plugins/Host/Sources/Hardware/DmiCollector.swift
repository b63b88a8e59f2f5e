import WeirSDK

/// What the firmware says of the machine.
struct DmiCollector: Collector {
    let name = "dmi"
    private static let files = [
        "bios_date", "bios_release", "bios_vendor", "bios_version", "board_asset_tag", "board_name",
        "board_serial", "board_vendor", "board_version", "chassis_asset_tag", "chassis_serial",
        "chassis_vendor", "chassis_version", "product_family", "product_name", "product_serial",
        "product_sku", "product_uuid", "product_version", "sys_vendor",
    ]

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let folder = try files.sysFolder("class/dmi/id")
        var labels = Attributes()
        for file in DmiCollector.files {
            // Some only root may read.
            guard let text = folder.text(file) else { continue }
            labels.append(file == "sys_vendor" ? "system_vendor" : file, .string(text.string))
        }
        metrics.gauge(
            "node_dmi_info", help: "What the firmware says of the machine; the value is 1.", 1,
            labels)
    }
}
