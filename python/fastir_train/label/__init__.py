"""What one decision costs or saves: which are measured, how, and decisions written down."""
