"""What is decided: where the models of each level are."""
