"""From labels to a model: data sets, recipes, trees, export."""
