"""What is decided, what is measured of it, and what that costs."""
