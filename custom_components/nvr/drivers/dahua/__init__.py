"""Dahua recorders and cameras, and the brands built on their firmware, over CGI and RPC2."""
