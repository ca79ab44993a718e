"""Recorded Dahua devices."""
