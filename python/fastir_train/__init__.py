"""Build corpora, label inlining decisions, train models on them, and evaluate the models."""
