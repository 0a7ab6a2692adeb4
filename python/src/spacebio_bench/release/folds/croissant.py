"""`croissant.json`: every file with its digest; labels and samples as record sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from spacebio_bench.release.folds.about import About
from spacebio_bench.release.folds.files import ENCODINGS, Table, say
from spacebio_bench.release.folds.listing import ExpectedFile

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float"}


def croissant(
    files: Sequence[ExpectedFile], tables: Sequence[Table], about: About
) -> dict[str, Any]:
    """The document; expression tables are files without a field for each gene."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": about.description,
        "license": about.license_url,
        "url": about.url,
        "version": about.version,
        "datePublished": about.date,
        "creator": {"@type": "sc:Organization", "name": about.creator},
        "citeAs": f"{about.creator}. {about.name}, version {about.version}. {about.url}",
        "distribution": [_file(file) for file in files],
        "recordSet": [_records(table) for table in tables if table.fields],
    }


def _file(file: ExpectedFile) -> dict[str, Any]:
    path = PurePosixPath(file.path)
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": say(path),
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": ENCODINGS[path.suffix],
        "sha256": file.sha256,
    }


def _records(table: Table) -> dict[str, Any]:
    name = table.path.removesuffix(".csv")
    return {
        "@type": "cr:RecordSet",
        "@id": f"{name}/records",
        "name": f"{name}/records",
        "description": say(PurePosixPath(table.path)),
        "key": {"@id": f"{name}/records/sample"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/records/{column}",
                "name": f"{name}/records/{column}",
                "description": f"Column {column}.",
                "dataType": _TYPES[kind],
                "source": {
                    "fileObject": {"@id": table.path},
                    "extract": {"column": column},
                },
            }
            for column, kind in table.fields
        ],
    }
