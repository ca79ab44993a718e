"""Hostile bytes for everything that reads what a device sends."""
