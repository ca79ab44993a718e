"""A device as it was recorded: its answers over HTTP, as it gave them, to whoever logs in."""
