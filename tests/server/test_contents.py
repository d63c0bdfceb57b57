"""Files and kernels as the Jupyter server knows them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.server.contents import file_at, kernels_of
from mlstudio.testing.server import Server


def test_a_contents_manager_without_a_disk_is_told_so() -> None:
    class Elsewhere:
        def get(self, path: str, *, content: bool) -> dict[str, Any]:
            return {"type": "file", "path": path}

    with pytest.raises(InvalidField, match="does not lie on this machine's disk"):
        asyncio.run(file_at({"contents_manager": Elsewhere()}, "a.py"))


def test_kernelspecs_are_found_by_name(server: Server) -> None:
    kernels = kernels_of(server.app.web_app.settings)
    found = kernels("python3")
    assert found is not None
    assert found.language == "python"
    assert kernels("nobody") is None
    assert kernels("../x") is None
