"""Tests of the simulated recorders."""
