"""Tests of the simulated devices that speak ONVIF."""
