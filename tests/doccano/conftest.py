"""One real Doccano server for the tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def doccano_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A running server with `url`, `admin`, `admin_password` and `folder` (a project's folder)."""
    from relcode.doccano import server

    folder: Path = tmp_path_factory.mktemp("server")
    info = server.up(folder)
    yield SimpleNamespace(url=info.url, admin=info.admin, admin_password=info.admin_password, folder=folder)
    server.down(folder)
