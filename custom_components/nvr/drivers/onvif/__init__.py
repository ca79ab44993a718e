"""Recorders and cameras that speak ONVIF: Profiles S, T and G."""
