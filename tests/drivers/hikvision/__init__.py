"""Tests of the Hikvision driver."""
