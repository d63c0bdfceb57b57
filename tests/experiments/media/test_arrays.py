"""Arrays of any library; strangers' objects are asked, and may fail."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from mlstudio.experiments.media import Unfit
from mlstudio.experiments.media.arrays import as_array


class Stranger:
    """Has what a tensor has, and a fault in it."""

    def detach(self) -> Any:
        raise MemoryError("out of device memory")

    cpu = detach


class Numpyish:
    def numpy(self) -> Any:
        return np.arange(3)


def test_what_knows_its_array_gives_it() -> None:
    assert as_array(Numpyish()).tolist() == [0, 1, 2]
    assert as_array([[1, 2], [3, 4]]).shape == (2, 2)


def test_a_tensor_that_fails_is_refused_with_its_own_words() -> None:
    with pytest.raises(Unfit, match="out of device memory"):
        as_array(Stranger())
    with pytest.raises(Unfit, match="cannot be read"):
        as_array([[1, 2], [3]])


def test_encoders_import_neither_torch_nor_matplotlib_nor_plotly() -> None:
    code = (
        "import sys, numpy\nfrom mlstudio.experiments.media import encode\n"
        "encode('image', numpy.ones((2, 5))); encode('audio', numpy.ones(20), sample_rate=8); encode('text', 'a')\n"
        "encode('histogram', [1.0]); encode('figure', {'data': [], 'layout': {}}); encode('html', '<b>')\n"
        "print({'torch', 'matplotlib', 'plotly', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
