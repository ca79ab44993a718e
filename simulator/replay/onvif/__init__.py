"""Recorded devices that speak ONVIF."""
