"""Results as tables, pages and model cards."""
