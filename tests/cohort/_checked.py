"""A `checked/` folder as the input check writes it, made with pandas from a study sheet."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pandas as pd


def read_counts(path: Path) -> pd.DataFrame:
    """Genes x samples; ids without version suffix."""
    counts = pd.read_csv(path, index_col=0)
    counts.index = pd.Index([str(i).split(".")[0] for i in counts.index], name="gene_id")
    return counts


def write_checked(
    sheet: Path,
    outdir: Path,
    *,
    gene_sets: dict[str, Path] | None = None,
    symbols: Path | None = None,
    tissues: tuple[str, ...] = (),
) -> Path:
    """Write the layout; paths inside the sheet are relative to it."""
    studies = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    if tissues:
        studies = studies[studies["tissue"].isin(tissues)]
    if "counts" not in studies:
        studies["counts"] = ""
    outdir.mkdir(parents=True, exist_ok=True)
    features = [c for c in studies if c.startswith("feature.")]
    rows, summary, genes = [], [], {}
    for study in studies.to_dict("records"):
        name = f"{study['tissue']}.{study['mission']}.{study['accession']}"
        folder = outdir / "studies" / name
        folder.mkdir(parents=True, exist_ok=True)
        table = pd.read_csv(sheet.parent / study["samples"], dtype=str, keep_default_na=False)
        for column in ("exclude", "note"):
            if column not in table:
                table[column] = ""
        out = table[table["exclude"] != ""]
        out[["sample", "condition", "exclude"]].rename(columns={"exclude": "reason"}).to_csv(
            folder / "excluded.csv", index=False, lineterminator="\n"
        )
        kept = table[table["exclude"] == ""].drop(columns="exclude")
        further = [c for c in kept if c not in ("sample", "condition", "note")]
        kept[["sample", "condition", "note", *further]].to_csv(
            folder / "samples.csv", index=False, lineterminator="\n"
        )
        row = {
            "id": name,
            "tissue": study["tissue"],
            "mission": study["mission"],
            "accession": study["accession"],
            "role": study.get("role") or "benchmark",
            "counts": "",
            "samples": f"studies/{name}/samples.csv",
        }
        if study["counts"]:
            counts = read_counts(sheet.parent / study["counts"])[list(kept["sample"])]
            _write_gzip(counts, folder / "counts.csv.gz")
            row["counts"] = f"studies/{name}/counts.csv.gz"
            genes.setdefault(study["tissue"], []).append(
                {g for g in counts.index if not g.startswith("ERCC-")}
            )
        for column in features:
            row[column] = ""
            if study[column]:
                row[column] = f"studies/{name}/{column}.parquet"
                matrix = _read_table(sheet.parent / study[column]).loc[list(kept["sample"])]
                matrix.index.name = "sample"
                matrix.to_parquet(outdir / row[column])
        rows.append(row)
        summary.append(
            {
                "id": name,
                "tissue": study["tissue"],
                "mission": study["mission"],
                "accession": study["accession"],
                "role": row["role"],
                "n_samples": len(kept),
                "counts": bool(study["counts"]),
                "features": [c.removeprefix("feature.") for c in features if study[c]],
                "genes": len(genes[study["tissue"]][-1]) if study["counts"] else 0,
                "symbols_matched": None,
            }
        )
    pd.DataFrame(rows).to_csv(outdir / "studies.csv", index=False, lineterminator="\n")
    (outdir / "universe").mkdir(exist_ok=True)
    for tissue, sets in genes.items():
        common = sorted(set.intersection(*sets))
        (outdir / "universe" / f"{tissue}.txt").write_text("".join(f"{g}\n" for g in common))
    (outdir / "gene_sets").mkdir(exist_ok=True)
    for name, path in (gene_sets or {}).items():
        (outdir / "gene_sets" / f"{name}.gmt").write_bytes(path.read_bytes())
    table = pd.DataFrame({"gene_id": [], "symbol": []})
    if symbols is not None:
        table = pd.read_csv(symbols, dtype=str).iloc[:, :2].set_axis(["gene_id", "symbol"], axis=1)
    table.to_csv(outdir / "symbols.csv", index=False, lineterminator="\n")
    (outdir / "check.json").write_text(
        json.dumps(
            {
                "studies": summary,
                "gene_sets": list(gene_sets or {}),
                "tissues": list(dict.fromkeys(r["tissue"] for r in rows)),
                "notes": [],
                "problems": 0,
            },
            indent=2,
        )
    )
    (outdir / "parameters.json").write_text("{}")
    return outdir


def _write_gzip(counts: pd.DataFrame, path: Path) -> None:
    text = io.StringIO()
    counts.to_csv(text, lineterminator="\n")
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as out:
        out.write(text.getvalue().encode())


def _read_table(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    table = pd.read_csv(path, index_col=0)
    table.index = table.index.astype(str)
    return table
