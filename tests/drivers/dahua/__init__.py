"""Tests of the Dahua driver."""
