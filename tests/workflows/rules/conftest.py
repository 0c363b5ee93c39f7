"""The sixteen real schemes, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

import workflows
from workflows.catalogue import read_dir
from workflows.scheme import Scheme


@pytest.fixture(scope="session")
def schemes() -> dict[str, Scheme]:
    return dict(read_dir(Path(workflows.__file__).parent / "schemes" / "2024"))
