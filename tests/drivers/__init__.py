"""Tests of the drivers, which speak to recorders."""
