"""Studies in: the sheet, the checks, the store of a tissue, simulated cohorts."""
