"""How the documentation is built: plain pages, nothing fetched from elsewhere when they are read."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8"))["project"]

project = "homeward"
author = "The homeward authors"
copyright = "the homeward authors, text and figures under CC BY 4.0"
version = release = _PROJECT["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "alabaster"
html_title = "homeward"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "description": "People, talent and jobs between city and countryside",
    "fixed_sidebar": True,
    "page_width": "1080px",
    "show_powered_by": False,
    "font_family": "Georgia, 'Times New Roman', serif",
    "head_font_family": "Georgia, 'Times New Roman', serif",
}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
