"""Recorded Hikvision devices."""
