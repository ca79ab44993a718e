"""Dahua's CGI and RPC2 around a simulated recorder."""
