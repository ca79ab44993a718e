"""Tests of the ONVIF driver."""
