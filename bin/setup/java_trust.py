"""java_trust.py PEM OUT: a Java key store (JKS) of the certificates in a PEM bundle.

pip and apt trust what the system's bundle holds; Java trusts only a store of its own, which misses
what was added to the bundle before Java came. Layout: JavaKeyStore.java of OpenJDK, version 2.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import struct
import sys
from pathlib import Path

PASSWORD = "changeit"  # noqa: S105 - what Java assumes; such a store holds nothing secret
MAGIC, VERSION, TRUSTED = 0xFEEDFEED, 2, 2
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def _text(word: str) -> bytes:
    return struct.pack(">H", len(word)) + word.encode("ascii")


def key_store(pem: str) -> bytes:
    """The bytes of the store with every certificate of `pem`."""
    certificates = sorted({ssl.PEM_cert_to_DER_cert(found) for found in PEM.findall(pem)})
    body = struct.pack(">III", MAGIC, VERSION, len(certificates))
    for number, certificate in enumerate(certificates):
        body += struct.pack(">I", TRUSTED) + _text(str(number)) + struct.pack(">Q", 0)
        body += _text("X.509") + struct.pack(">I", len(certificate)) + certificate
    salted = PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body
    return body + hashlib.sha1(salted, usedforsecurity=False).digest()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(key_store(Path(sys.argv[1]).read_text(encoding="utf-8")))
