"""Predictions that others hand in: read strictly, judged by labels that the benchmark holds."""
