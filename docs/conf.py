"""How the documentation is built: from the pages of this folder, the code and its data files.

Nothing is asked from a network: no inventories of other projects, no fonts, no badges.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

import spacebio_bench
from spacebio_bench.cli import main

sys.path.insert(0, str(Path(__file__).parent / "_tools"))
from docstrings import for_napoleon, help_as_text
from made import fill
from verbs import named

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "SpaceBio-Bench"
author = "The SpaceBio-Bench authors"
copyright = author  # noqa: A001
release = version = spacebio_bench.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
exclude_patterns = ["_tools"]
root_doc = "index"

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

# what commands print is no code
highlight_language = "none"
html_theme = "furo"
html_title = "SpaceBio-Bench"
html_copy_source = False
html_show_sphinx = False

napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = ["Result"]
default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {
    name: name for name in ("BoolArray", "FloatArray", "IntArray", "Labels", "Matrix", "Scores")
}
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
maximum_signature_line_length = 88


def setup(app: Sphinx) -> None:
    """Fill the generated parts of pages; read docstrings as this project writes them."""
    list(named(main, "spacebio-bench"))
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", for_napoleon, priority=400)
    for part in ("description", "options", "arguments"):
        app.connect(f"sphinx-click-process-{part}", help_as_text)
