"""What each command of ``fastir`` is given, and what it does."""
