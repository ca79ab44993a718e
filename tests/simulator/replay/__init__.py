"""Recorded devices that answer over HTTP."""
