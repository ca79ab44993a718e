"""The core, without any wire format."""
