import CWeir
import WeirNet

/// Certificates as the ABI has them: rows that point into memory of their own.
@safe final class CertificateRows {
    private var memory: [UnsafeMutableRawPointer] = unsafe []
    private var rows: [weir_certificate] = unsafe []

    init(_ certificates: [X509Fields]) {
        for certificate in certificates { unsafe rows.append(row(certificate)) }
    }

    deinit { for index in unsafe memory.indices { unsafe memory[index].deallocate() } }

    func lend(_ body: (UnsafeBufferPointer<weir_certificate>) -> Void) {
        unsafe rows.withUnsafeBufferPointer { unsafe body($0) }
    }

    static func lend(_ report: StreamTLSReport, _ body: (UnsafePointer<weir_tls_info>) -> Void) {
        let rows = CertificateRows(report.certificates.compactMap { X509Fields(der: $0) })
        var info = unsafe weir_tls_info()
        unsafe info.size = UInt32(MemoryLayout<weir_tls_info>.size)
        unsafe info.verified = report.isVerified ? 1 : 0
        unsafe info.version = rows.slice(Array(report.version.utf8))
        unsafe info.cipher = rows.slice(Array(report.cipher.utf8))
        unsafe info.problem = rows.slice(Array(report.problem.utf8))
        unsafe rows.lend { list in
            unsafe info.certificates = list.baseAddress
            unsafe info.certificate_count = list.count
            unsafe body(&info)
        }
        withExtendedLifetime(rows) {}
    }

    private func row(_ certificate: X509Fields) -> weir_certificate {
        var row = unsafe weir_certificate()
        unsafe row.der = slice(certificate.der)
        unsafe row.not_before = certificate.notBefore
        unsafe row.not_after = certificate.notAfter
        unsafe row.subject = slice(Array(certificate.subject.utf8))
        unsafe row.issuer = slice(Array(certificate.issuer.utf8))
        unsafe row.serial = slice(Array(certificate.serial.utf8))
        unsafe withUnsafeMutableBytes(of: &row.sha256) { digest in
            unsafe HashTable.shared.pointee.sha256(
                nil, row.der, digest.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        unsafe row.dns_names = list(certificate.dnsNames)
        unsafe row.dns_name_count = certificate.dnsNames.count
        unsafe row.ip_addresses = list(certificate.ipAddresses)
        unsafe row.ip_address_count = certificate.ipAddresses.count
        return unsafe row
    }

    private func slice(_ bytes: [UInt8]) -> weir_slice {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = unsafe copy.initialize(from: bytes)
        unsafe memory.append(UnsafeMutableRawPointer(copy.baseAddress!))
        return unsafe weir_slice(data: copy.baseAddress, length: bytes.count)
    }

    private func list(_ names: [String]) -> UnsafePointer<weir_slice>? {
        guard !names.isEmpty else { return nil }
        let slices = UnsafeMutablePointer<weir_slice>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            unsafe (slices + index).initialize(to: slice(Array(name.utf8)))
        }
        unsafe memory.append(UnsafeMutableRawPointer(slices))
        return unsafe UnsafePointer(slices)
    }
}
