"""The site: what Sphinx is told."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The extensions of this site, and the library that they stand on, of this checkout.
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tools")]

from subunit2 import __version__  # noqa: E402  (the path to it is set above)

project = "subunit2"
author = "the subunit2 authors"
project_copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx_copybutton",
    "sphinx_design",
    "docs.specification",
    "docs.conformance",
    "docs.python",
]
# SPECIFICATION.md has the text of the pages again, in one file.
exclude_patterns = ["_build", "SPECIFICATION.md"]
# A reference that leads nowhere is a warning, and a warning fails the build.
nitpicky = True
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
# A link to a page is never one to a name of the library.
myst_ref_domains = ["std"]

# In docstrings, what stands in single backquotes: docs/python/names.py of the tools.
default_role = "name"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
# Quotes and dashes stay as they are typed: much of what is here is to be copied.
smartquotes = False
# Wider signatures have a line for each argument.
python_maximum_signature_line_length = 72
# Docstrings are tested where they stand, by pytest; pages, where they say so.
doctest_test_doctest_blocks = ""
copybutton_prompt_text = r">>> |\.\.\. |\$ |> "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "subunit2"
html_static_path = ["_static"]
html_css_files = ["subunit2.css"]
html_copy_source = False
html_show_sourcelink = False
# What stands on the pages is the same wherever they are built.
html_last_updated_fmt = None
pygments_style = "friendly"
pygments_dark_style = "monokai"
