"""The gate of secrets closes for tokens, and for what tells of a machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.release.folds.validators import VALIDATORS
from spacebio_bench.release.gates import _personal, secrets
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates._personal import personal_texts
from spacebio_bench.release.gates.runner import judge
from spacebio_bench.release.gates.secrets import BASELINE, secrets_gate

from ._findings import of, worst

Give = Callable[[Path], Context]
GATE = Gate("secrets", "", secrets_gate)
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


@pytest.mark.usefixtures("validators")
def test_a_clean_checkout_opens(checkout: Path, give: Give) -> None:
    found = judge(GATE, give(checkout))
    assert worst(found) == Flag.GREEN, found


@pytest.mark.usefixtures("validators")
def test_a_token_closes_until_the_baseline_says_it_is_none(checkout: Path, give: Give) -> None:
    excuse = "pragma: allowlist " + "secret"
    (checkout / "main.nf").write_text(f"workflow {{}}\n// {TOKEN} {excuse}\n")
    told = of(judge(GATE, give(checkout)))
    assert told
    assert told[0].startswith("main.nf, line 2: looks like a secret (GitHub Token)")
    found = secrets.scan(checkout, ["main.nf"])
    assert TOKEN not in " ".join(told)
    for said, flag in ((False, Flag.GREEN), (True, Flag.RED)):
        entries = [dict(entry) | {"is_secret": said} for _, entry in found]
        (checkout / BASELINE).write_text(json.dumps({"results": {"main.nf": entries}}))
        assert worst(judge(GATE, give(checkout))) == flag
    (checkout / "main.nf").write_text("workflow {}\n")
    assert "not there any more" in of(judge(GATE, give(checkout)), Flag.YELLOW)[0]


@pytest.mark.usefixtures("validators")
def test_a_new_file_that_git_does_not_know_yet_is_scanned(checkout: Path, give: Give) -> None:
    (checkout / "-new file.txt").write_text(f"{TOKEN}\n")
    assert of(judge(GATE, give(checkout)))[0].startswith("-new file.txt, line 1")


def test_without_a_scanner_the_gate_halts(
    checkout: Path, give: Give, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VALIDATORS, str(tmp_path))
    (told,) = of(judge(GATE, give(checkout)), Flag.HALT)
    assert "nothing was scanned" in told


def test_a_baseline_that_is_none_is_refused(checkout: Path, give: Give) -> None:
    (checkout / BASELINE).write_text('{"results": {"a": [{}]}}')
    assert "is no baseline" in of(judge(GATE, give(checkout)))[0]


@pytest.mark.usefixtures("validators")
def test_a_home_folder_closes_until_there_is_a_reason(checkout: Path, give: Give) -> None:
    (checkout / "notes.md").write_text("See /home/somebody/data.\n")
    (told,) = of(judge(GATE, give(checkout)))
    assert told.startswith("notes.md, line 1: '/home/somebody' is a home folder")
    allowed = checkout / "release" / "path_allowlist.yaml"
    allowed.write_text(
        "exceptions:\n  - {files: notes.md, text: /home/somebody, reason: an example}\n"
    )
    assert worst(judge(GATE, give(checkout))) == Flag.GREEN
    (checkout / "notes.md").write_text("See /home/nobody/data.\n")
    found = judge(GATE, give(checkout))
    assert len(of(found)) == 1
    assert "not needed any more" in of(found, Flag.YELLOW)[0]


@pytest.mark.usefixtures("validators")
def test_the_place_of_the_checkout_itself_closes(checkout: Path, give: Give) -> None:
    (checkout / "notes.md").write_text(f"cd {checkout}\n")
    assert any("is where the checkout is" in told for told in of(judge(GATE, give(checkout))))


SUPERUSER = "/" + "root"  # no path of a machine stands in this file


@dataclass(frozen=True)
class Case:
    line: str
    texts: tuple[str, ...]


CASES = {
    "home": Case("/home/jane/x", ("/home/jane",)),
    "mac": Case('"/Users/jane.doe/x"', ("/Users/jane.doe",)),
    "windows": Case(r"C:\Users\jane\x", (r"C:\Users\jane",)),
    "windows, escaped": Case(r"c:\\Users\\jane", (r"c:\\Users\\jane",)),
    "root": Case(f"cp a {SUPERUSER}/.ssh", (SUPERUSER,)),
    "root alone": Case(f"HOME={SUPERUSER}", (SUPERUSER,)),
    "part of a path": Case("$x/home/y ${a}/root b/root /rootless /root-fs", ()),
    "host": Case("ssh node3.cluster.local now", ("node3.cluster.local",)),
    "attribute": Case("threading.local() self.local", ()),
    "address": Case("at 10.1.2.3.", ("10.1.2.3",)),
    "public address": Case("8.8.8.8:53", ("8.8.8.8",)),
    "loopback, masks, documentation": Case(
        "127.0.0.1 0.0.0.0 255.255.255.0 192.0.2.7 198.51.100.1 203.0.113.9", ()
    ),
    "versions": Case("0.3.31.188.0 v1.2.3.4 1.2.3.4-5 999.1.1.1", ()),
    "address, version 6": Case(
        "fe80:0:0:0:1:2:3:4 fd12:3456::1", ("fe80:0:0:0:1:2:3:4", "fd12:3456::1")
    ),
    "documentation, version 6": Case("2001:db8::1 ::1 12:30:45", ()),
    "two": Case("/home/a and 10.0.0.1", ("/home/a", "10.0.0.1")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_personal_texts(case: Case) -> None:
    assert tuple(found.text for found in personal_texts(case.line)) == case.texts


@given(st.text())
def test_any_text_is_looked_through(text: str) -> None:
    assert all(found.text in text for found in personal_texts(text))


def test_a_host_with_an_own_name_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_personal.socket, "gethostname", lambda: "lab-node7")
    own = _personal.of_this_machine(Path("/a/b"))
    assert own["lab-node7"] == "the name of a machine"
    monkeypatch.setattr(_personal.socket, "gethostname", lambda: "server")
    assert "server" not in _personal.of_this_machine(Path("/a/b"))
