"""Explanations of one's own compile and installation."""
