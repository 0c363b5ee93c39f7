"""An authority of our own and a certificate that it signed, made by the `openssl` command: good for a day."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificate:
    """`authority`: the file of who signed it. It names one address only: 127.0.0.1."""

    authority: Path
    own: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.own, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    _openssl(folder, "req", "-x509", *KEY, "-days", "1", "-subj", "/CN=Autorite", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(folder, "req", *KEY, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1", encoding="ascii")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "1", "-days", "1", "-extfile", "names")
    _openssl(folder, "x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem")
    return Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
