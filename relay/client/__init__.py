"""The typed client that the commands, the demo, the benchmarks and the tests use."""
