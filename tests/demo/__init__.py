"""What the demo and the end-to-end test rest on."""
