"""Seeds and digests from what a thing is, never from order or time."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(*parts: Any) -> str:
    """sha256 of the parts' canonical JSON, in hexadecimal."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_bytes(data: bytes) -> str:
    """sha256 of raw bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def identity_seed(*parts: Any) -> int:
    """A seed for NumPy and scikit-learn, 0 to 2**32 - 1, that the parts determine."""
    return int(digest(*parts)[:8], 16)
