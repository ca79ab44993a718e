"""What runs in a worker process. Imports nothing but the standard library, PyAV and itself."""
