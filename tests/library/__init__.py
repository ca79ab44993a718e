"""Tests of the library of saved clips."""
