"""ISA archives in the form that GeneLab gives them, made from samples tables."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

SPACEFLIGHT = {
    "FLT": "Space Flight",
    "AG": "Space Flight",
    "GC": "Ground Control",
    "VC": "Vivarium Control",
    "BC": "Basal Control",
}
GRAVITY = {"FLT": "uG", "AG": "1G by centrifugation"}
ON_EARTH = "1G on Earth"
INSTRUMENT = "Illumina HiSeq 4000"
RNA_SEQ = ("transcription profiling", "RNA Sequencing (RNA-Seq)")
MICROARRAY = ("transcription profiling", "DNA microarray")

# Columns of a samples table -> (header, has a unit) in the study table.
STUDY_COLUMNS = {
    "organism": ("Characteristics[Organism]", False),
    "strain": ("Characteristics[Strain]", False),
    "genotype": ("Characteristics[Genotype]", False),
    "sex": ("Characteristics[Sex]", False),
    "material": ("Characteristics[Material Type]", False),
    "age": ("Characteristics[Age at Launch]", True),
    "mission": ("Factor Value[Mission]", False),
    "spaceflight": ("Factor Value[Spaceflight]", False),
    "gravity": ("Factor Value[Altered Gravity]", False),
    "dissection": ("Factor Value[Dissection Condition]", False),
    "duration": ("Parameter Value[duration]", True),
    "hardware": ("Parameter Value[habitat]", False),
    "euthanasia": ("Parameter Value[Euthanasia Method]", False),
    "preservation": ("Parameter Value[Sample Preservation Method]", False),
}
UNITS = {"age": "week", "duration": "day"}


def write_isa_zip(
    path: Path,
    samples: pd.DataFrame,
    *,
    accession: str = "OSD-100",
    material: str = "eye",
    project: str = "RR-1",
    vehicle: str = "SpaceX-4",
    assays: Sequence[tuple[str, str]] = (RNA_SEQ,),
    lanes: int = 1,
    encoding: str = "utf-8",
    further: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write an archive with i_Investigation.txt, one study table and one table per assay.

    Parameters
    ----------
    samples
        `sample` and `condition`, or `spaceflight` (and `gravity`) as recorded; any of the columns
        of :data:`STUDY_COLUMNS`. AG samples without a `gravity` get that factor.
    material, project, vehicle
        Recorded for all samples, in the study table (unless `samples` has `material`) and in the
        investigation's comments.
    assays
        Measurement and technology of each assay.
    lanes
        Rows of the assay table for each sample.
    further
        More columns of the study table by their full header.
    """
    files = {
        "i_Investigation.txt": _investigation(accession, project, vehicle, assays),
        f"s_{accession}.txt": _study(_recorded(samples, material), further or {}),
    }
    for assay in assays:
        files[assay_name(accession, assay)] = _assay(list(samples["sample"]), lanes)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(encoding))


def assay_name(accession: str, assay: tuple[str, str]) -> str:
    """File of an assay, named as GeneLab names it."""
    measurement, technology = (part.lower().replace(" ", "-") for part in assay)
    return f"a_{accession}_{measurement}_{technology}_Illumina.txt"


def _recorded(samples: pd.DataFrame, material: str) -> pd.DataFrame:
    table = samples.copy()
    if "material" not in table:
        table["material"] = material
    if "organism" not in table:
        table["organism"] = "Mus musculus"
    if "spaceflight" not in table:
        table["spaceflight"] = [SPACEFLIGHT[c] for c in table["condition"]]
    if "gravity" not in table and "condition" in table and "AG" in set(table["condition"]):
        notes = table["note"] if "note" in table else [""] * len(table)
        table["gravity"] = [
            note if "centrifugation" in str(note) else GRAVITY.get(condition, ON_EARTH)
            for condition, note in zip(table["condition"], notes, strict=True)
        ]
    return table


def _study(table: pd.DataFrame, further: Mapping[str, Sequence[str]]) -> str:
    headers = ["Source Name", "Sample Name"]
    animals = [str(s).split("_")[-1] for s in table["sample"]]
    if len(set(animals)) < len(animals):
        animals = list(table["sample"])
    columns = [animals, list(table["sample"])]
    for name, (header, unit) in STUDY_COLUMNS.items():
        if name not in table:
            continue
        if header.startswith("Parameter Value") and "Protocol REF" not in headers:
            headers.append("Protocol REF")
            columns.append(["sample collection"] * len(table))
        headers.append(header)
        columns.append(list(table[name]))
        if unit:
            headers.append("Unit")
            columns.append([UNITS[name]] * len(table))
        headers += ["Term Source REF", "Term Accession Number"]
        columns += [[""] * len(table), [""] * len(table)]
    for header, values in further.items():
        headers.append(header)
        columns.append(list(values))
    return _text([headers, *zip(*columns, strict=True)])


def _assay(samples: list[str], lanes: int) -> str:
    headers = [
        "Sample Name",
        "Protocol REF",
        "Extract Name",
        "Protocol REF",
        "Parameter Value[Library Layout]",
        "Parameter Value[sequencing instrument]",
        "Term Source REF",
        "Term Accession Number",
        "Raw Data File",
    ]
    rows = [
        [
            sample,
            "nucleic acid extraction",
            sample,
            "library construction",
            "PAIRED",
            INSTRUMENT,
            "",
            "",
            f"{sample}_L{lane + 1}_R1_raw.fastq.gz",
        ]
        for sample in samples
        for lane in range(lanes)
    ]
    return _text([headers, *rows])


def _investigation(
    accession: str, project: str, vehicle: str, assays: Sequence[tuple[str, str]]
) -> str:
    rows = [
        ["ONTOLOGY SOURCE REFERENCE"],
        ["Term Source Name", "OBI"],
        ["INVESTIGATION"],
        ["Investigation Identifier", accession],
        ["STUDY"],
        ["Study Identifier", accession],
        ["Study Title", f"Study {accession}"],
        ["Study File Name", f"s_{accession}.txt"],
        ["Comment[Mission Name]", vehicle],
        ["Comment[Project Identifier]", project],
        ["STUDY FACTORS"],
        ["Study Factor Name", "Spaceflight"],
        ["STUDY ASSAYS"],
        ["Study Assay Measurement Type", *(measurement for measurement, _ in assays)],
        ["Study Assay Technology Type", *(technology for _, technology in assays)],
        ["Study Assay File Name", *(assay_name(accession, assay) for assay in assays)],
    ]
    return _text(rows)


def _text(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()
