"""Tests of finding devices in the network."""
