"""Nextflow as the set-up builds it: one jar that lists jars, certificates for Java, no network."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import ssl
import subprocess
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "bin" / "setup" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


nextflow_jar = load("nextflow_jar")
java_trust = load("java_trust")


def class_path(manifest: str) -> list[str]:
    """The class path as Java reads it: a line that starts with a space continues the last one."""
    (found,) = re.findall(r"^Class-Path: (.*)\r$", manifest.replace("\r\n ", ""), re.MULTILINE)
    return found.split(" ")


@given(
    st.lists(
        st.from_regex(r"jars/[A-Za-z0-9._-]{1,90}\.jar", fullmatch=True), min_size=1, max_size=60
    )
)
def test_manifest_is_as_java_wants_it(jars: list[str]) -> None:
    text = nextflow_jar.manifest(jars)
    assert class_path(text) == jars
    assert max(len(line.encode()) for line in text.splitlines(keepends=True)) <= 72
    assert text.endswith("\r\n\r\n")


@pytest.mark.skipif(shutil.which("keytool") is None, reason="keytool (Java) is not installed")
def test_key_store_holds_every_certificate(tmp_path: Path) -> None:
    bundle = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    if not Path(bundle).is_file():
        pytest.skip(f"no certificates at {bundle}")
    pem = Path(bundle).read_text()
    store = tmp_path / "trust.jks"
    store.write_bytes(java_trust.key_store(pem))
    # a wrong digest at the store's end would be refused: the password is given
    listed = subprocess.run(
        ["keytool", "-J-Duser.language=en", "-list", "-keystore", store, "-storepass", "changeit"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = set(re.findall(r"SHA-256\): ([0-9A-F:]+)", listed))
    certificates = re.findall(
        r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", pem, re.DOTALL
    )
    digests = [hashlib.sha256(ssl.PEM_cert_to_DER_cert(one)).digest() for one in certificates]
    wanted = {digest.hex(":").upper() for digest in digests}
    assert found == wanted


def ours() -> Path:
    jar = ROOT / ".tools" / "nextflow" / "nextflow.jar"
    if not jar.exists():
        pytest.skip("this checkout uses a Nextflow that was on the machine")
    return jar


def test_every_jar_that_is_listed_is_there() -> None:
    jar = ours()
    with zipfile.ZipFile(jar) as content:
        listed = class_path(content.read("META-INF/MANIFEST.MF").decode())
    assert {path.name for path in jar.parent.glob("jars/*.jar")} == {
        Path(name).name for name in listed
    }
    assert all((jar.parent / name).is_file() for name in listed)


def nextflow(
    folder: Path, *arguments: str, within: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [*within, ROOT / ".venv" / "bin" / "nextflow", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, timeout=120
    )


@pytest.mark.pipeline
def test_lint_survives_a_file_that_has_only_warnings(tmp_path: Path) -> None:
    script = tmp_path / "main.nf"
    script.write_text("workflow {\n    main:\n    def unused = 1\n    println('x')\n}\n")
    done = nextflow(tmp_path, "lint", "main.nf")
    assert done.returncode == 0
    assert re.search(r"^Warn .*not used", done.stdout + done.stderr, re.MULTILINE)


@pytest.mark.pipeline
def test_nextflow_runs_with_the_network_unplugged(tmp_path: Path) -> None:
    unplugged = (
        "unshare",
        "--net",
        "env",
        f"NXF_HOME={tmp_path}/home",
    )  # no cache of earlier starts
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unplugged, "true"], check=False).returncode
    ):
        pytest.skip("this machine does not let us unplug the network (unshare --net)")
    script = tmp_path / "main.nf"
    script.write_text('workflow {\n    println("version ${nextflow.version}")\n}\n')
    done = nextflow(tmp_path, "run", "main.nf", within=unplugged)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "version 25.04." in done.stdout
