"""The site that these pages make: `sphinx-build -W docs site`, without a network.

The page of commands and the gallery are made while it is built, from the commands and the samples as they are.
"""

import sys
from pathlib import Path

from grader import __version__

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "Homework grader"
version = release = __version__
extensions = ["myst_parser", "commandpages", "gallery"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

smartquotes = False  # a help text says --out, not –out

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

# What the gallery grades, submissions to one homework; `-D gallery_samples=` builds without it, in seconds.
gallery_assignment = "backprop"
gallery_samples = ["alice", "emre", "iris", "farah", "klara", "nils"]
