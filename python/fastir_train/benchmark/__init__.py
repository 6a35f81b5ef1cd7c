"""Projects built, tested and measured in several configurations, and what to make of it."""
