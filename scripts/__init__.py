"""Programs for developing, testing and trying the integration."""
