"""Studies of the catalog that are not on disk: which, how large, and how to get them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.osdr.catalog import CATALOG, FILES, Listed, Wanted, read_catalog, read_listed

_GENES = 55_536  # rows of the mouse tables of OSD-47, 100, 101 and 104
_ID_BYTES = 21  # an Ensembl id, a comma and the end of the line
_VALUE_BYTES = 2.8  # 2.6 to 3.1 in eight tables of GeneLab, comma included


class MissingStudiesError(InputError):
    """Studies that are not on disk; the message ends with how large they are and how to get them.

    Attributes
    ----------
    advice
        Lines after the problems.
    """

    def __init__(self, problems: Sequence[Problem], advice: Sequence[str]) -> None:
        self.advice = tuple(advice)
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join([*(str(p) for p in self.problems), *self.advice, "Nothing was run."])


@dataclass(frozen=True)
class Missing:
    """A study with a file that is not there."""

    wanted: Wanted
    files: tuple[str, ...]


def find_missing(wanted: Iterable[Wanted]) -> tuple[Missing, ...]:
    """Studies of which a file is not there, in the order given."""
    found = []
    for one in wanted:
        absent = tuple(n for n in ("counts", "samples") if not getattr(one, n).is_file())
        if absent:
            found.append(Missing(one, absent))
    return tuple(found)


def check_catalog(root: Path, *, tissues: Sequence[str] = (), also: Sequence[Problem] = ()) -> Path:
    """The study sheet of the catalog, once all its files are there.

    Parameters
    ----------
    root
        The checkout.
    tissues
        Only these are needed; all where empty.
    also
        Other problems, told at the same time.

    Raises
    ------
    InputError
        There is no catalog, something is wrong with it, or `also`.
    MissingStudiesError
        Studies that are not on disk.
    """
    sheet = root / CATALOG
    if not sheet.is_file():
        what = f"a study sheet is needed: {sheet} of the published benchmark is not there either."
        raise InputError([*also, Problem("--input", what)])
    try:
        wanted = read_catalog(sheet, tissues=tissues)
        listed = read_listed(root / FILES)
    except InputError as error:
        raise InputError([*also, *error.problems]) from error
    missing = find_missing(wanted)
    if missing:
        problems = [_problem(one, listed, root) for one in missing]
        raise MissingStudiesError([*also, *problems], _advice(missing, wanted, listed, root))
    if also:
        raise InputError(also)
    return sheet


def estimated_bytes(samples: int) -> int:
    """Size of a table of counts as GeneLab writes it, from its number of samples."""
    return round(_GENES * (_ID_BYTES + _VALUE_BYTES * samples))


def size_words(size: float) -> str:
    """Bytes, kB or MB (powers of ten), one digit below 10 MB."""
    if size < 1000:
        return f"{size:.0f} bytes"
    mega = size / 1e6
    if mega < 0.95:
        return f"{size / 1e3:.0f} kB"
    return f"{mega:.1f} MB" if mega < 9.95 else f"{mega:,.0f} MB"


def known_size(accession: str, listed: Mapping[str, Listed]) -> tuple[int | None, bool]:
    """Bytes of the counts of an accession, and whether they are listed and not estimated."""
    known = listed.get(accession)
    if known is not None and known.size is not None:
        return known.size, True
    if known is not None and known.samples is not None:
        return estimated_bytes(known.samples), False
    return None, False


def _problem(one: Missing, listed: Mapping[str, Listed], root: Path) -> Problem:
    wanted = one.wanted
    where = f"{wanted.accession}, {wanted.tissue}, {wanted.mission}"
    verb = "are" if len(one.files) > 1 else "is"
    paths = [getattr(wanted, name) for name in one.files]
    folders = " and ".join(dict.fromkeys(_short(path.parent, root) for path in paths))
    what = f"{' and '.join(path.name for path in paths)} {verb} not in {folders}"
    size, sure = known_size(wanted.accession, listed)
    about = "" if sure else "about "
    told = f"{about}{size_words(size)}" if size is not None else "size not known"
    return Problem(where, f"{what} ({told}).")


def _short(path: Path, root: Path) -> str:
    """A path as seen from the checkout, where it lies in it."""
    top = Path(os.path.realpath(root))
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)


def _advice(
    missing: Sequence[Missing],
    wanted: Sequence[Wanted],
    listed: Mapping[str, Listed],
    root: Path,
) -> list[str]:
    accessions = sorted({one.wanted.accession for one in missing})
    sizes = [known_size(accession, listed) for accession in accessions]
    known = [size for size, _ in sizes if size is not None]
    sure = sum(is_listed for _, is_listed in sizes)
    total = f"{size_words(sum(known))} to download" if known else "of unknown size"
    estimated, unknown = len(known) - sure, len(sizes) - len(known)
    basis = []
    if estimated:
        which = "" if estimated == len(sizes) else f"{estimated} of {len(sizes)} "
        basis.append(f"{which}sizes estimated from the published samples")
    if unknown and known:
        basis.append(f"{unknown} of {len(sizes)} sizes not known")
    about = "about " if basis else ""
    told = f" ({', '.join(basis)})" if basis else ""
    lacking = list(dict.fromkeys(one.wanted.tissue for one in missing))
    whole = lacking == list(dict.fromkeys(one.tissue for one in read_catalog(root / CATALOG)))
    which = "--catalog" if whole else f"--tissue {','.join(lacking)}"
    here = "" if root.resolve() == Path.cwd() else f" --root {shlex.quote(str(root))}"
    counted = f"{len(missing)} of {len(wanted)} studies are not on disk"
    return [
        f"{counted}: {about}{total}{told}.",
        (
            f"Get them: spacebio-bench fetch {which}{here}   "
            "(--list asks OSDR for the sizes and downloads nothing)"
        ),
    ]
