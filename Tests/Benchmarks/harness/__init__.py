"""The job benchmarks: data, peers, measuring, comparing, the table."""
