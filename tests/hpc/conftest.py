"""The SLURM lab: one for all tests of a session, up once; where it cannot run, they are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ._runs import Client, Work, content, make_work
from .lab import SlurmLab


@contextmanager
def _free(numbers: range) -> Iterator[SlurmLab]:
    """A lab that no other session has, down; what a killed session has left of it is removed."""
    if reasons := SlurmLab().missing():
        pytest.skip(f"no SLURM lab here: {'; '.join(reasons)}")
    for lab in map(SlurmLab.numbered, numbers):
        with lab.claim() as ours:
            if not ours:
                continue
            lab.down()
            try:
                yield lab
            finally:
                lab.down()
            return
    pytest.skip("no SLURM lab here: other sessions have all of them")


@pytest.fixture(scope="session")
def slurm_lab() -> Iterator[SlurmLab]:
    """Four nodes of two cores and 4000 MiB, as the tests before have left it."""
    with _free(range(1, 5)) as lab:
        lab.up()
        yield lab


@pytest.fixture
def healthy_lab(slurm_lab: SlurmLab) -> Iterator[SlurmLab]:
    """The same with all nodes up, and without jobs before and after."""
    slurm_lab.up()
    slurm_lab.cancel_jobs()
    yield slurm_lab
    slurm_lab.cancel_jobs()


@pytest.fixture
def spare_lab() -> Iterator[SlurmLab]:
    """Another lab, down, for a test of the lab itself."""
    with _free(range(5, 9)) as lab:
        yield lab


@dataclass(frozen=True)
class Reference:
    """Work, and what an undisturbed run makes of it."""

    work: Work
    units: int
    content: dict[str, bytes]

    def check(self, client: Client, *, reused: int = 0) -> None:
        """All of it is there as if nothing had happened."""
        outcome = client.outcome
        assert outcome["cells_by_status"] == {"ok": self.work.n_cells}
        assert outcome["units_planned"] == self.units
        assert outcome["units_reused"] == reused
        assert outcome["units_computed"] == self.units - reused
        assert content(client.outdir) == self.content


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Some fifty fits, which sleep as long as a run is told to."""
    folder = tmp_path_factory.mktemp("reference")
    features = ("gene", "pathway_hallmark")
    work = make_work(folder, {"slow": {}}, tissues=2, missions=7, labelings=9, features=features)
    client = Client(work, folder)
    assert client.run() == 0, client.said
    outcome = client.outcome
    assert outcome["cells_by_status"] == {"ok": work.n_cells}
    return Reference(work, outcome["units_planned"], content(client.outdir))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Makes runs in a folder of the test; those that are not over at its end are killed."""
    made: list[Client] = []

    def make(work: Work, name: str = "run", **others: Any) -> Client:
        made.append(Client(work, tmp_path / name, **others))
        return made[-1]

    yield make
    for one in made:
        one.kill()
