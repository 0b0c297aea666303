"""A console of a few bytes, as `make console` would build it."""

from __future__ import annotations

import gzip
from pathlib import Path

APP, STYLE, SMALL, FONT = "index-Bq3x1a.js", "index-C0ffee.css", "chunk-aB.js", "codicon-D4.ttf"

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta name="prefix" content="">
<link rel="icon" href="./assets/icon-1.svg">
<script type="module" crossorigin src="./assets/{app}"></script>
<link rel="stylesheet" crossorigin href="./assets/{style}">
</head>
<body><div id="{place}"></div></body>
</html>
"""


def build_console(folder: Path) -> Path:
    """Write it into the folder, which is returned."""
    assets = folder / "assets"
    assets.mkdir(parents=True)
    for name, place in (("index", "app"), ("graphiql", "graphiql")):
        shell = _SHELL.format(app=APP, style=STYLE, place=place)
        (folder / f"{name}.html").write_text(shell)
    for name, text in ((APP, "console.log(1);\n" * 100), (STYLE, "p { margin: 0 }\n" * 100)):
        (assets / name).write_text(text)
        # Nobody decodes brotli here: it only has to be told from the others.
        (assets / f"{name}.br").write_bytes(f"brotli of {name}".encode())
        (assets / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    (assets / SMALL).write_text("export {};\n")
    (assets / FONT).write_bytes(b"\x00\x01\x00\x00")
    (assets / "icon-1.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return folder
