"""Where the catalog's files are."""

from __future__ import annotations

from spacebio_bench.osdr.catalog import CATALOG, EXCLUDED, FILES

STUDIES = CATALOG
STUDY_FACTS = "release/catalog/studies_facts.yaml"
STUDY_FACTS_SCHEMA = "release/catalog/studies_facts.schema.json"
TRAPS = "release/catalog/traps.yaml"
TRAPS_SCHEMA = "release/catalog/traps.schema.json"
EVIDENCE = "release/catalog/evidence"
"""Tables counted from samples tables and counts; they are kept, the data are not."""
DERIVED = "release/catalog/v9"
"""Everything here is made, and nothing else is here."""
GRID = "release/results/v7_1/grid.csv"
FIGURES = "docs/published-figures.csv"
CARD = "docs/v9_hf_dataset_card.md"
PACKAGE = "datapackage.json"
PAGE = "index.html"
COMMAND = "spacebio-bench release catalog"
PROTOCOL = "calibrated"
"""The protocol whose rules the tasks are told by."""

__all__ = [
    "CARD",
    "COMMAND",
    "DERIVED",
    "EVIDENCE",
    "EXCLUDED",
    "FIGURES",
    "FILES",
    "GRID",
    "PACKAGE",
    "PAGE",
    "PROTOCOL",
    "STUDIES",
    "STUDY_FACTS",
    "STUDY_FACTS_SCHEMA",
    "TRAPS",
    "TRAPS_SCHEMA",
]
