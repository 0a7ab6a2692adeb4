"""A server on loopback that answers as OSDR does: file listing, downloads, biological data API.

`python -m tests.osdr.replay --data FOLDER` serves the studies of a folder until it is stopped: each
is a folder with one table of counts and `samples.csv`. `--catalog SHEET` serves small made-up
studies in place of a catalog's.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import numpy as np
import pandas as pd

from .isa_made import RNA_SEQ, write_isa_zip

MISSIONS = {
    "OSD-100": ("eye", "RR-1"),
    "OSD-162": ("eye", "RR-3"),
    "OSD-255": ("retina", "RR-9"),
    "OSD-758": ("retina", "MHU-8"),
    "OSD-104": ("soleus muscle", "RR-1"),
    "OSD-101": ("gastrocnemius", "RR-1"),
    "OSD-47": ("liver", "RR-1"),
}


@dataclass
class Faults:
    """What goes wrong, by a part of the address; each counts down where it is a number."""

    truncate: dict[str, int] = field(default_factory=dict)
    """Close the connection after half of what was asked, so many times."""
    status: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    """Answers to give before the right one; the last one stays where `forever`."""
    forever: bool = False
    ignore_range: bool = False
    slow: float = 0.0
    """Seconds that each answer takes."""
    drip: float = 0.0
    """Seconds between two pieces of 1 kB of a file."""


@dataclass
class Study:
    """Files of one accession by name, and what the API says of it."""

    files: dict[str, bytes]
    metadata: dict[str, Any] = field(default_factory=dict)
    listing: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Entries of the listing to replace, by file."""


class Replay:
    """The server; use it as a context. `address` is the base that `--api` takes."""

    def __init__(self, studies: dict[str, Study], *, port: int = 0) -> None:
        self.studies = studies
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        self.times: list[tuple[str, float]] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                with replay._lock:
                    replay._now += 1
                    replay.most_at_once = max(replay.most_at_once, replay._now)
                    replay.requests.append((unquote(self.path), self.headers.get("Range", "")))
                    replay.times.append((unquote(self.path), time.monotonic()))
                try:
                    time.sleep(replay.faults.slow)
                    replay._answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    with replay._lock:
                        replay._now -= 1

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Replay:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()

    def asked(self, part: str) -> list[str]:
        """The Range of each request whose address has this part."""
        return [r for path, r in self.requests if part in path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = unquote(handler.path)
        for part, answers in self.faults.status.items():
            if part in path and answers:
                code, headers = answers[0] if self.faults.forever else answers.pop(0)
                self._send(handler, code, b"{}", headers)
                return
        url = urlsplit(handler.path)
        if found := re.fullmatch(r"/osdr/data/osd/files/([\d,.-]+)/?", url.path):
            self._json(handler, self.listing(found[1]))
        elif found := re.fullmatch(r"/biodata/api/v2/dataset/(OSD-\d+)/", url.path):
            study = self.studies.get(found[1])
            if study is None:
                self._send(handler, 404, b"{}")
            else:
                self._json(handler, {found[1]: {"metadata": study.metadata}})
        elif found := re.fullmatch(r"/geode-py/ws/studies/(OSD-\d+)/download", url.path):
            self._file(handler, found[1], parse_qs(url.query)["file"][0])
        else:
            self._send(handler, 404, b"{}")

    def listing(self, numbers: str) -> dict[str, Any]:
        """The documented shape of the file listing."""
        asked = [f"OSD-{n.split('.')[0]}" for n in numbers.split(",")]
        studies = {}
        for accession in asked:
            study = self.studies.get(accession)
            if study is None:
                continue
            rows = [
                {
                    "category": "GeneLab Processed RNA-Seq Files",
                    "date_created": 1506033834.109,
                    "date_updated": "",
                    "file_name": name,
                    "file_size": len(content),
                    "organization": "genelab",
                    "remote_url": f"/geode-py/ws/studies/{accession}/download"
                    f"?source=datamanager&file={quote(name, safe='()')}",
                    "restricted": False,
                    "subcategory": "",
                    "subdirectory": "",
                    "visible": True,
                }
                | study.listing.get(name, {})
                for name, content in study.files.items()
            ]
            studies[accession] = {"file_count": len(rows), "study_files": rows}
        return {
            "hits": len(studies),
            "input": numbers,
            "page_number": 1,
            "page_size": 25,
            "page_total": 1,
            "studies": studies,
            "success": True,
            "total_hits": len(studies),
            "valid_input": [a.removeprefix("OSD-") for a in studies],
        }

    def _file(self, handler: BaseHTTPRequestHandler, accession: str, name: str) -> None:
        content = self.studies[accession].files[name]
        tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        start, code, headers = 0, 200, {"ETag": tag}
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        same = handler.headers.get("If-Range", tag) == tag
        if asked and same and not self.faults.ignore_range:
            start, code = int(asked[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        for part, left in self.faults.truncate.items():
            if part in name and left:
                self.faults.truncate[part] = left - 1
                self._send(handler, code, body[: len(body) // 2], headers, length=len(body))
                handler.close_connection = True
                return
        if not self.faults.drip:
            self._send(handler, code, body, headers)
            return
        self._send(handler, code, b"", headers, length=len(body))
        for first in range(0, len(body), 1000):
            handler.wfile.write(body[first : first + 1000])
            time.sleep(self.faults.drip)

    def _json(self, handler: BaseHTTPRequestHandler, data: Any) -> None:
        self._send(handler, 200, json.dumps(data).encode(), {"Content-Type": "application/json"})

    @staticmethod
    def _send(
        handler: BaseHTTPRequestHandler,
        code: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        length: int | None = None,
    ) -> None:
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)


def made_study(
    accession: str,
    samples: pd.DataFrame,
    *,
    counts: bytes | None = None,
    name: str | None = None,
    **isa: Any,
) -> Study:
    """A study of made counts (or the given table), its archive and a table of checksums."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "isa.zip"
        write_isa_zip(path, samples, accession=accession, **isa)
        archive = path.read_bytes()
    number = accession.removeprefix("OSD-")
    table = name or f"GLDS-{number}_rna_seq_RSEM_Unnormalized_Counts_GLbulkRNAseq.csv"
    files = {
        f"{accession}_metadata_{accession}-ISA.zip": archive,
        table: counts if counts is not None else _made_counts(accession, list(samples["sample"])),
        f"GLDS-{number}_rna_seq_Normalized_Counts_GLbulkRNAseq.csv": b"not this one\n",
    }
    sums = "".join(
        f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  {n}\n"
        for n, data in files.items()
    )
    files[f"GLDS-{number}_rna_seq_processed_md5sum_GLbulkRNAseq.txt"] = sums.encode()
    return Study(files, {"project identifier": isa.get("project", "RR-1")})


def _made_counts(accession: str, samples: list[str]) -> bytes:
    """Counts of 2,000 genes; those of flight differ in some of them."""
    random = np.random.default_rng(int(accession.removeprefix("OSD-")))
    mean = np.random.default_rng(7).lognormal(4.5, 1.2, size=2000)[:, None]
    flight = np.array(["_FLT_" in s for s in samples])
    effect = np.ones((2000, len(samples)))
    effect[:60, flight] = 2.5
    values = random.poisson(mean * effect * random.lognormal(0, 0.15, size=(2000, len(samples))))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["", *samples])
    writer.writerows([f"ENSMUSG{g:011}", *row] for g, row in enumerate(values.tolist(), start=1))
    return out.getvalue().encode()


def made_samples(accession: str, tissue: str, n_each: int = 6, *, mark: str = "") -> pd.DataFrame:
    """Flight and ground samples, named as GeneLab names them; `mark` tells missions apart."""
    number = accession.removeprefix("OSD-")
    rows = [
        (f"Mmus_C57-6J_{tissue[:3].upper()}_{c}_Rep{i}_{number}{mark}{c[0]}{i}", c)
        for c in ("FLT", "GC")
        for i in range(1, n_each + 1)
    ]
    return pd.DataFrame(rows, columns=["sample", "condition"]).assign(strain="C57BL/6J")


def real_studies(data: Path) -> dict[str, Study]:
    """Studies of a folder with `<accession>/<counts>.csv.gz` and `samples.csv`."""
    studies = {}
    for folder in sorted(p for p in data.iterdir() if p.name in MISSIONS):
        (packed,) = folder.glob("*.csv.gz")
        samples = pd.read_csv(folder / "samples.csv", dtype=str, keep_default_na=False)
        material, mission = MISSIONS[folder.name]
        studies[folder.name] = made_study(
            folder.name,
            samples,
            counts=gzip.decompress(packed.read_bytes()),
            name=packed.name.removesuffix(".gz"),
            material=material,
            project=mission,
            vehicle="",
        )
    return studies


def catalog_studies(sheet: Path, n_each: int = 6) -> dict[str, Study]:
    """A made study for every accession of a study sheet, with all its tissues and missions."""
    rows = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    studies = {}
    for accession, parts in rows.groupby("accession"):
        samples = pd.concat(
            made_samples(
                str(accession), tissue, n_each, mark=mission.replace("-", "") if i else ""
            ).assign(mission=mission, material=tissue)
            for i, (tissue, mission) in enumerate(
                zip(parts["tissue"], parts["mission"], strict=True)
            )
        )
        studies[str(accession)] = made_study(
            str(accession), samples, project=", ".join(dict.fromkeys(parts["mission"])), vehicle=""
        )
    return studies


def main() -> None:
    """Serve until interrupted; the address is the first line of the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real studies")
    parser.add_argument("--catalog", type=Path, help="study sheet to make studies for")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    studies: dict[str, Study] = {}
    if given.catalog:
        studies |= catalog_studies(given.catalog)
    if given.data:
        studies |= real_studies(given.data)
    if not studies:
        sys.exit("give --data or --catalog")
    replay = Replay(studies, port=given.port)
    print(replay.address, flush=True)
    replay.serve()


__all__ = [
    "RNA_SEQ",
    "Faults",
    "Replay",
    "Study",
    "catalog_studies",
    "made_samples",
    "made_study",
    "real_studies",
]

if __name__ == "__main__":
    main()
