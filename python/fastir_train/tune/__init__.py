"""Tuning one program: a search for its best decisions, and the profile that keeps them."""
