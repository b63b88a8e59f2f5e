import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct ConfigTests {
    /// One row: the settings under `config`, and what the message says.
    static let faults: [(config: String, says: String)] = [
        (#"{"scrape_configs": []}"#, "config.scrape_configs: found none"),
        (
            #"{"scrape_configs": [{"job_name": "a"}, {"job_name": "a"}]}"#,
            "config.scrape_configs[1].job_name: found \"a\", which scrape_configs[0] has already"
        ),
        (#"{"scrape_configs": [{"job_name": ""}]}"#, "config.scrape_configs[0].job_name: found"),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_interval": "5s", "scrape_timeout": "10s"}]}"#,
            "config.scrape_configs[0].scrape_timeout: found 10s, expected at most scrape_interval, "
                + "which is 5s"
        ),
        (
            #"{"global": {"scrape_interval": "1s", "scrape_timeout": "2s"}, "scrape_configs": [{"job_name": "a"}]}"#,
            "config.global.scrape_timeout: found 2s, expected at most scrape_interval, which is 1s"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_interval": "soon"}]}"#,
            "config.scrape_configs[0].scrape_interval: found \"soon\", expected a duration"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_interval": "0s"}]}"#,
            "config.scrape_configs[0].scrape_interval: found 0s, expected at least 1ms"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_timeout": "0s"}]}"#,
            "config.scrape_configs[0].scrape_timeout: found 0s, expected at least 1ms"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scheme": "ftp"}]}"#,
            "config.scrape_configs[0].scheme: found \"ftp\", expected http or https"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "static_configs": [{"targets": ["b:1", "http://c:1/metrics"]}]}]}"#,
            "config.scrape_configs[0].static_configs[0].targets[1]: found \"http://c:1/metrics\", "
                + "expected host:port"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_protocols": ["Text"]}]}"#,
            "config.scrape_configs[0].scrape_protocols[0]: found \"Text\", expected one of Prom"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_protocols": []}]}"#,
            "config.scrape_configs[0].scrape_protocols: found none"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "scrape_protocols": ["PrometheusProto", "PrometheusProto"]}]}"#,
            "scrape_protocols[1]: found PrometheusProto for the second time"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "metric_name_validation_scheme": "legacy", "metric_name_escaping_scheme": "allow-utf-8"}]}"#,
            "metric_name_escaping_scheme: found allow-utf-8, expected underscores"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "consul_sd_configs": [{}]}]}"#,
            "config.scrape_configs[0].consul_sd_configs: Weir does not have this setting"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "convert_classic_histograms_to_nhcb": true}]}"#,
            "config.scrape_configs[0].convert_classic_histograms_to_nhcb: Weir does not have"
        ),
        (
            #"{"global": {"scrape_failure_log_file": "x"}, "scrape_configs": [{"job_name": "a"}]}"#,
            "config.global.scrape_failure_log_file: Weir does not have this setting"
        ),
        (
            #"{"rule_files": ["a"], "scrape_configs": [{"job_name": "a"}]}"#,
            "config.rule_files: Weir does not have this setting: remove it; rules are not"
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "relabel_configs": [{"action": "keep", "regex": "("}]}]}"#,
            "config.scrape_configs[0].relabel_configs[0].regex: "
        ),
        (
            #"{"scrape_configs": [{"job_name": "a", "basic_auth": {"username": "u"}, "bearer_token": "t"}]}"#,
            "config.scrape_configs[0].basic_auth: found more than one"
        ),
    ]

    @Test(arguments: faults.indices)
    func refusesWithThePlace(_ row: Int) throws {
        let (config, says) = Self.faults[row]
        #expect {
            try FakeHost().createRaw(
                plugin, .receiver, "prometheus", #"{"config": \#(config)}"#
            ).destroy()
        } throws: { error in
            if "\(error)".contains(says) { return true }
            Issue.record("\(error)")
            return false
        }
    }

    @Test func fillsInDefaults() throws {
        let job = try jobs(#"{"scrape_configs": [{"job_name": "a"}]}"#)[0]
        #expect(job.interval == 60_000_000_000)
        #expect(job.timeout == 10_000_000_000)
        #expect(job.metricsPath == "/metrics")
        #expect(job.scheme == "http")
        #expect(job.acceptsCompressed)
        #expect(!job.honorLabels)
        #expect(job.assembly.honorTimestamps)
        #expect(job.assembly.fallbackFormat == .text)
        #expect(
            job.accept
                == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
    }

    @Test func jobsOverrideGlobal() throws {
        let jobs = try jobs(
            """
            {"global": {"scrape_interval": "5s", "sample_limit": 7, "scrape_native_histograms": true},
             "scrape_configs": [{"job_name": "a"},
               {"job_name": "b", "scrape_interval": "1d", "sample_limit": 9,
                "scrape_native_histograms": false}]}
            """)
        // The default timeout gives way to a shorter interval.
        #expect(jobs[0].timeout == 5_000_000_000)
        #expect(jobs[0].assembly.sampleLimit == 7)
        #expect(jobs[0].accept.hasPrefix("application/vnd.google.protobuf;"))
        #expect(jobs[1].interval == 86_400_000_000_000)
        #expect(jobs[1].timeout == 5_000_000_000)
        #expect(jobs[1].assembly.sampleLimit == 9)
        #expect(jobs[1].accept.hasPrefix("application/openmetrics-text;version=1.0.0"))
    }

    @Test(arguments: [
        (1_000_000, "1ms"), (1_500_000_000, "1s500ms"), (60_000_000_000, "1m"),
        (5_400_000_000_000, "1h30m"), (86_400_000_000_000, "1d"), (90_000_000_000_000, "25h"),
        (604_800_000_000_000, "1w"), (0, "0s"),
    ])
    func printsDurations(_ nanoseconds: UInt64, _ text: String) {
        let duration = PrometheusDuration(nanoseconds: nanoseconds)
        #expect(duration.text == text)
        #expect(PrometheusDuration(parsing: text) == duration)
    }
}
