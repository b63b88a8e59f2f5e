import WeirTelemetry

// The content of a TimeSeries. `false`: it is malformed.
extension RemoteWriteReader {
    @_lifetime(reader: copy reader)
    func readV1(_ reader: inout WireReader, _ series: inout WireSeries) -> Bool {
        while let tag = reader.nextTag() {
            guard tag.wireType == .bytes, (1...4).contains(tag.number) else {
                guard reader.skip(tag) else { return false }
                continue
            }
            guard let range = reader.readRange() else { return false }
            var content = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
            switch tag.number {
            case 1:
                guard let label = readLabel(&content) else { return false }
                if series.hasRoom(for: MemoryLayout<WireLabel>.stride) {
                    series.labels.append(label)
                }
            case 2: guard readSample(&content, &series) else { return false }
            case 3: guard readExemplar(&content, &series, labels: 1) else { return false }
            default: guard readHistogram(range, &series) else { return false }
            }
        }
        return reader.isAtEnd
    }

    @_lifetime(reader: copy reader)
    func readV2(_ reader: inout WireReader, _ series: inout WireSeries) -> Bool {
        var references = 0
        var pending: Range<Int>?
        var created: Int64 = 0
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint):
                guard let index = reader.readVarint() else { return false }
                references += 1
                if let label = label(index, &pending, &series) { series.labels.append(label) }
            case (1, .bytes):
                guard let range = reader.readRange() else { return false }
                var list = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
                while list.position < list.end {
                    guard let index = list.readVarint() else { return false }
                    references += 1
                    if let label = label(index, &pending, &series) { series.labels.append(label) }
                }
            case (2...5, .bytes):
                guard let range = reader.readRange() else { return false }
                var content = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
                switch tag.number {
                case 2: guard readSample(&content, &series) else { return false }
                case 3: guard readHistogram(range, &series) else { return false }
                case 4: guard readExemplar(&content, &series, labels: 1) else { return false }
                default: guard readMetadata(&content, &series) else { return false }
                }
            case (6, .varint):
                guard let value = reader.readVarint() else { return false }
                created = Int64(bitPattern: value)
            default: guard reader.skip(tag) else { return false }
            }
        }
        if references % 2 != 0 { series.fault = series.fault ?? .oddReferences(references) }
        if created != 0 {
            for index in series.samples.indices where series.samples[index].start == 0 {
                series.samples[index].start = created
            }
            for index in series.histograms.indices where series.histograms[index].start == 0 {
                series.histograms[index].start = created
            }
        }
        return reader.isAtEnd
    }

    /// Takes one of the references of which two make a label; gives the label with the second.
    private func label(
        _ index: UInt64, _ pending: inout Range<Int>?, _ series: inout WireSeries
    ) -> WireLabel? {
        guard let text = symbol(index, &series.fault) else { return nil }
        guard let name = pending else {
            pending = text
            return nil
        }
        pending = nil
        guard series.hasRoom(for: MemoryLayout<WireLabel>.stride) else { return nil }
        return WireLabel(name: name, value: text)
    }

    private func symbol(_ index: UInt64, _ fault: inout SeriesFault?) -> Range<Int>? {
        guard index < UInt64(symbols.count) else {
            fault = fault ?? .badReference(index, symbols: symbols.count)
            return nil
        }
        return symbols[Int(index)]
    }

    @_lifetime(reader: copy reader)
    private func readLabel(_ reader: inout WireReader) -> WireLabel? {
        var label = WireLabel(name: 0..<0, value: 0..<0)
        while let tag = reader.nextTag() {
            if tag.wireType == .bytes, let text = reader.readRange() {
                if tag.number == 1 { label.name = text }
                if tag.number == 2 { label.value = text }
            } else {
                guard tag.wireType != .bytes, reader.skip(tag) else { return nil }
            }
        }
        return reader.isAtEnd ? label : nil
    }

    @_lifetime(reader: copy reader)
    private func readSample(_ reader: inout WireReader, _ series: inout WireSeries) -> Bool {
        var sample = WireSample(0, at: 0)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .fixed64):
                guard let value = reader.readDouble() else { return false }
                sample.value = value
            case (2, .varint), (3, .varint):
                guard let value = reader.readVarint() else { return false }
                if tag.number == 2 {
                    sample.timestamp = Int64(bitPattern: value)
                } else if message == .v2 {
                    sample.start = Int64(bitPattern: value)
                }
            default: guard reader.skip(tag) else { return false }
            }
        }
        if series.hasRoom(for: MemoryLayout<WireSample>.stride) { series.samples.append(sample) }
        return reader.isAtEnd
    }

    private func readHistogram(_ range: Range<Int>, _ series: inout WireSeries) -> Bool {
        guard var histogram = NativeHistogram(bytes.extracting(range)) else { return false }
        if message == .v1 { histogram.start = 0 }
        if series.hasRoom(for: MemoryLayout<NativeHistogram>.stride) {
            series.histograms.append(histogram)
        }
        return true
    }

    @_lifetime(reader: copy reader)
    private func readExemplar(
        _ reader: inout WireReader, _ series: inout WireSeries, labels number: Int
    ) -> Bool {
        var exemplar = WireExemplar(labels: [], value: 0, timestamp: 0)
        var pending: Range<Int>?
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (number, .bytes):
                guard let range = reader.readRange() else { return false }
                var content = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
                if message == .v1 {
                    guard let label = readLabel(&content) else { return false }
                    if series.hasRoom(for: MemoryLayout<WireLabel>.stride) {
                        exemplar.labels.append(label)
                    }
                    continue
                }
                while content.position < content.end {
                    guard let index = content.readVarint() else { return false }
                    if let label = label(index, &pending, &series) {
                        exemplar.labels.append(label)
                    }
                }
            case (number, .varint) where message == .v2:
                guard let index = reader.readVarint() else { return false }
                if let label = label(index, &pending, &series) { exemplar.labels.append(label) }
            case (2, .fixed64):
                guard let value = reader.readDouble() else { return false }
                exemplar.value = value
            case (3, .varint):
                guard let value = reader.readVarint() else { return false }
                exemplar.timestamp = Int64(bitPattern: value)
            default: guard reader.skip(tag) else { return false }
            }
        }
        if pending != nil { series.fault = series.fault ?? .oddReferences(1) }
        if series.hasRoom(for: MemoryLayout<WireExemplar>.stride) {
            series.exemplars.append(exemplar)
        }
        return reader.isAtEnd
    }

    @_lifetime(reader: copy reader)
    private func readMetadata(_ reader: inout WireReader, _ series: inout WireSeries) -> Bool {
        var metadata = WireMetadata()
        while let tag = reader.nextTag() {
            guard tag.wireType == .varint, let value = reader.readVarint() else {
                guard tag.wireType != .varint, reader.skip(tag) else { return false }
                continue
            }
            switch tag.number {
            case 1: metadata.type = MetricType(wire: value)
            case 3: metadata.help = symbol(value, &series.fault) ?? 0..<0
            case 4: metadata.unit = symbol(value, &series.fault) ?? 0..<0
            default: break
            }
        }
        series.metadata = metadata
        return reader.isAtEnd
    }
}
