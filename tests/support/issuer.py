"""An OpenID Connect issuer: keys, tokens, and a process of its own that publishes both documents.

The process serves files, so that what is published can be changed under it, and what it was asked
for stands in its log.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.support.service import PATIENCE_S, POLL_S, Guard, free_port

DISCOVERY = ".well-known/openid-configuration"
KEYS = "jwks.json"
AUDIENCE = "agent-runs"


class Key:
    """One to sign with, and what is published of it."""

    def __init__(self, key_id: str, algorithm: str = "ES256", **jwk: Any) -> None:
        self.key_id, self.algorithm = key_id, algorithm
        self.private: Any
        if algorithm.startswith(("RS", "PS")):
            self.private = rsa.generate_private_key(65_537, jwk.pop("bits", 2_048))
            public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        elif algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
            public = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())
            public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        given = {"kid": key_id, "use": "sig", "alg": algorithm} | jwk
        self.jwk = {**public, **{name: value for name, value in given.items() if value is not None}}


class Issuer:
    """Served at `url`, on a port that it keeps over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "issuer.log"
        self._served = folder / "served"
        (self._served / ".well-known").mkdir(parents=True)
        self.write(DISCOVERY, {"issuer": self.url, "jwks_uri": f"{self.url}/{KEYS}"})
        self.key = self.rotate("first")
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-u", "-m", "http.server", str(self.port)),
                    *("--bind", "127.0.0.1", "--directory", str(self._served)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guard = Guard(self._process.pid)
        deadline = time.monotonic() + PATIENCE_S
        while not self._listens():
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, "the issuer did not start"
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ends it; nothing if it has ended."""
        if self._process is not None and self._guard is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._guard.dismiss()
        self._process = self._guard = None

    def freeze(self) -> None:
        """It takes connections, and answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def asked(self, path: str = KEYS) -> int:
        """How often a document was asked for."""
        return self.log.read_text().count(f"GET /{path} ")

    def write(self, path: str, document: Any) -> None:
        """Publish a document; text as it stands."""
        text = document if isinstance(document, str) else json.dumps(document)
        # At once, or a reader could get half of it.
        draft = self.folder / "draft"
        draft.write_text(text)
        draft.replace(self._served / path)

    def publish(self, *keys: Key) -> None:
        """Publish these keys alone."""
        self.write(KEYS, {"keys": [key.jwk for key in keys]})

    def rotate(self, key_id: str, algorithm: str = "ES256") -> Key:
        """Sign with a new key from now on, and publish it alone."""
        self.key = Key(key_id, algorithm)
        self.publish(self.key)
        return self.key

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; None takes a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "name": "Ada Lovelace",
            "roles": ["viewer"],
        }
        return {name: told for name, told in (claims | changes).items() if told is not None}

    def token(self, *, key: Key | None = None, header: Any = None, **changes: Any) -> str:
        """A token, signed with the key of now unless told."""
        key = key or self.key
        headers = {"kid": key.key_id, **(header or {})}
        return jwt.encode(
            self.claims(**changes),
            key.private,
            key.algorithm,
            {name: told for name, told in headers.items() if told is not None},
        )

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
