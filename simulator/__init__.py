"""A recorder in a box: simulated recorders for the demo, the tests and the benchmarks."""
