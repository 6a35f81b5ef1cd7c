"""The command ``fastir``."""
