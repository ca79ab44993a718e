"""Tests of the simulated Dahua recorders."""
