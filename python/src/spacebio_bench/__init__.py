"""Does a learned biological signature hold in a study it has never seen?"""

from __future__ import annotations

__version__ = "0.1.0"
