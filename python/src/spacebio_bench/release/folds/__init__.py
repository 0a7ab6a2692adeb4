"""Fold packages: written from cohort stores, verified, loaded."""
