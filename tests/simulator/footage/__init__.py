"""Tests of the simulator's footage."""
