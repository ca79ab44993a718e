"""When the tests of simulated recorders take place."""

from datetime import UTC, datetime

# Three weeks after America's and four after Europe's change to winter time.
NOW = datetime(2026, 11, 21, 12, 0, 30, 600_000, tzinfo=UTC)
