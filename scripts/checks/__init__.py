"""What `scripts/lint` and `scripts/test` run."""
