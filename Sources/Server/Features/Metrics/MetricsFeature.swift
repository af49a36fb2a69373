import HTTPTypes
package import Hummingbird

/// `GET /metrics`: what the server counts, for Prometheus.
package struct Metrics: Feature {
    let facilities: Facilities
    let connections: ConnectionGauge

    package init(_ facilities: Facilities, connections: ConnectionGauge) {
        (self.facilities, self.connections) = (facilities, connections)
    }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("metrics", use: scrape)
    }

    @Sendable func scrape(_ request: Request, _ context: AppContext) -> Response {
        var text = Exposition()
        EngineFigures.write(facilities.models.open, to: &text)
        writeRequests(to: &text)
        if let storage = facilities.storage { writeJobs(storage.jobs.gauge.current, to: &text) }
        writeProcess(to: &text)
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: .init(string: text.text))
        )
    }
}

extension Metrics {
    private func writeRequests(to text: inout Exposition) {
        let ledger = facilities.ledger.current
        text.family("yuyan_http_requests_total", "counter", "Requests answered.")
        for (line, count) in ledger.requests.sorted(by: { $0.key < $1.key }) {
            let labels = [("route", line.route), ("method", line.method), ("status", String(line.status))]
            text.sample("yuyan_http_requests_total", labels, Double(count))
        }
        text.family("yuyan_http_request_seconds", "histogram", "From a request's head to its answer's end.")
        for (route, histogram) in ledger.seconds.sorted(by: { $0.key < $1.key }) {
            text.histogram("yuyan_http_request_seconds", [("route", route)], histogram)
        }
        text.counter("yuyan_http_hang_ups_total", "Streams whose client left before the end.", Double(ledger.hangUps))
        text.gauge("yuyan_http_connections", "Connections that are open.", Double(connections.current))
        text.counter("yuyan_http_connections_total", "Connections accepted.", Double(connections.total))
    }

    private func writeJobs(_ counts: [JobStatus: Int], to text: inout Exposition) {
        text.family("yuyan_fine_tuning_jobs", "gauge", "Fine-tuning jobs, by where they stand.")
        for status in JobStatus.allCases {
            text.sample("yuyan_fine_tuning_jobs", [("status", status.rawValue)], Double(counts[status] ?? 0))
        }
    }

    private func writeProcess(to text: inout Exposition) {
        let process = ProcessFigures.now
        text.gauge("process_resident_memory_bytes", "Resident memory.", Double(process.residentBytes))
        text.counter("process_cpu_seconds_total", "Processor time, user and system.", process.processorSeconds)
        text.gauge("process_open_fds", "Open file descriptors.", Double(process.openFiles))
        text.gauge("process_start_time_seconds", "Start, in seconds of the Unix epoch.", ProcessFigures.started)
    }
}
