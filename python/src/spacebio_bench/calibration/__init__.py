"""Simulated cohorts through the product: does every number mean what it says?"""
