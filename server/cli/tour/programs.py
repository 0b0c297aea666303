"""What the tour's agents do: small, real work on this machine, in steps.

`python programs.py NAME FOLDER [REPORT]` runs one of them in FOLDER, which is its own to fill.
They tell their steps as any program can, by lines of output (server.cli.step_marks).
"""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Of Python's own library: a few dozen files that are on every machine.
SOURCES = ("email", "json")

#: Seconds between measurements, and how many: a tour that is forgotten ends after a day.
MEASURE_EVERY_S = 1.0
MEASUREMENTS = 24 * 60 * 60


@contextmanager
def step(name: str) -> Iterator[None]:
    """A step that is left by an exception stays open, and so is the one that failed."""
    print(f"::group::{name}", flush=True)
    yield
    print("::endgroup::", flush=True)


def archive(folder: Path, report: Path) -> None:
    """Copies, compiles and packs parts of Python's library, and reads the archive back."""
    sources = folder / "library"
    with step("Collect files"):
        for name in SOURCES:
            shutil.copytree(
                Path(os.__file__).parent / name,
                sources / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        files = sorted(sources.rglob("*.py"))
        for path in files:
            print(f"{path.stat().st_size:>8} {path.relative_to(sources)}")
    with step("Compile"):
        for name in SOURCES:
            with step(f"Compile {name}"):
                if not compileall.compile_dir(sources / name, quiet=0):
                    raise SystemExit(f"{name} does not compile")
    packed = folder / "library.tar.gz"
    with step("Pack"), tarfile.open(packed, "w:gz") as tar:
        for path in files:
            tar.add(path, path.relative_to(sources))
        print(f"{len(files)} files packed")
    with step("Verify"):
        digests = _digests_in(packed)
        for path in files:
            name = str(path.relative_to(sources))
            if digests[name] != hashlib.sha256(path.read_bytes()).hexdigest():
                raise SystemExit(f"{name} is not what was packed")
            print(f"{digests[name][:16]}  {name}")
    report.write_text(json.dumps(_report(files, sources, packed)))


def check(folder: Path, _: Path) -> None:
    """Finds real damage: a database of which some bytes were overwritten."""
    database = folder / "orders.db"
    with step("Restore the copy"):
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT UNIQUE)")
            rows = ((f"order {number}",) for number in range(5000))
            connection.executemany("INSERT INTO orders (note) VALUES (?)", rows)
        connection.close()
        print(f"{database.stat().st_size} bytes restored")
        with database.open("r+b") as file:
            file.seek(20_000)
            file.write(b"\xff" * 4096)
    with step("Integrity check"):
        connection = sqlite3.connect(database)
        for (finding,) in connection.execute("PRAGMA integrity_check(5)"):
            for line in finding.splitlines():
                print(line if line.startswith("***") else f"::error::{line}", flush=True)
        raise SystemExit("the copy of orders.db is damaged")


def index(_: Path, __: Path) -> None:
    """Reads the library's sources over and over: something to cancel."""
    words: dict[str, int] = {}
    while True:
        for path in sorted(Path(os.__file__).parent.glob("*.py")):
            for word in path.read_text(errors="replace").split():
                words[word] = words.get(word, 0) + 1
            print(f"{path.name}: {len(words)} words so far", flush=True)
            time.sleep(0.1)


def monitor(folder: Path, _: Path) -> None:
    """Prints how busy and how full this machine is, once a second."""
    for _number in range(MEASUREMENTS):
        load, disk = os.getloadavg()[0], shutil.disk_usage(folder)
        print(f"load {load:.2f}, disk {disk.used / disk.total:.1%} of {disk.total >> 30} GiB")
        if load > (os.cpu_count() or 1):
            print("::warning::more work than processors")
        sys.stdout.flush()
        time.sleep(MEASURE_EVERY_S)


def _digests_in(packed: Path) -> dict[str, str]:
    with tarfile.open(packed) as tar:
        contents = ((member.name, tar.extractfile(member)) for member in tar)
        return {name: hashlib.sha256(file.read()).hexdigest() for name, file in contents if file}


def _report(files: list[Path], sources: Path, packed: Path) -> dict[str, Any]:
    """A ReportInput with one section of each kind."""
    total = sum(path.stat().st_size for path in files)
    largest = sorted(files, key=lambda path: -path.stat().st_size)[:5]
    rows = [[str(path.relative_to(sources)), str(path.stat().st_size)] for path in largest]
    metrics = [
        {"name": "files", "value": len(files)},
        {"name": "size", "value": total, "unit": "bytes"},
        {"name": "packed", "value": packed.stat().st_size, "unit": "bytes"},
    ]
    text = f"The sources of {' and '.join(SOURCES)} were compiled, packed and **read back**."
    return {
        "title": "Archive of the library",
        "summary": f"{len(files)} files were packed and verified.",
        "sections": [
            {"metrics": {"heading": "Sizes", "metrics": metrics}},
            {"table": {"heading": "Largest files", "columns": ["file", "bytes"], "rows": rows}},
            {"text": {"heading": "What was done", "markdown": text}},
        ],
    }


PROGRAMS = {"archive": archive, "check": check, "index": index, "monitor": monitor}


def main(name: str, folder: str, report: str = "report.json") -> None:
    """Runs one program."""
    PROGRAMS[name](Path(folder), Path(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
