"""Clients that others wrote, unchanged, against the simulated recorders."""
