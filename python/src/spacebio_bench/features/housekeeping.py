"""Genes that every cell needs: by expectation, spaceflight leaves them alone.

Those that Eisenberg & Levanon (2013, doi:10.1016/j.tig.2013.05.010) recommend as references, and
classic ones of quantitative PCR, by mouse symbol.
"""

from __future__ import annotations

HOUSEKEEPING = (
    "Actb",
    "B2m",
    "Chmp2a",
    "Emc7",
    "Gapdh",
    "Gpi1",
    "Gusb",
    "Hmbs",
    "Hprt",
    "Pgk1",
    "Ppia",
    "Psmb2",
    "Psmb4",
    "Rab7",
    "Reep5",
    "Rpl13a",
    "Rplp0",
    "Sdha",
    "Snrpd3",
    "Tbp",
    "Tfrc",
    "Ubc",
    "Vcp",
    "Vps29",
    "Ywhaz",
)
