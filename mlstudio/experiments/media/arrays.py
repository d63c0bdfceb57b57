"""Arrays of any library as numpy arrays; torch, TensorFlow and JAX are asked, never imported."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from mlstudio.experiments.media.encoded import Unfit, type_name

Array = npt.NDArray[Any]


def is_path(obj: object) -> bool:
    """Tell whether an object names a file."""
    return isinstance(obj, (str, os.PathLike))


def as_array(obj: Any) -> Array:
    """Return a numeric array from a numpy array, a tensor on any device, or nested lists.

    Raises:
        Unfit: it holds no numbers, or its rows differ in length.
    """
    try:
        array = _plain(obj)
    except Exception as error:  # a stranger's tensor may raise anything
        raise Unfit(f"{type_name(obj)} cannot be read as an array: {str(error)[:200]}.") from error
    if array.dtype.kind not in "biuf":
        raise Unfit(f"An array of {array.dtype} holds no real numbers.", hint="Give floats, integers or booleans.")
    if array.size == 0:
        raise Unfit(f"The array of shape {array.shape} is empty.")
    return array


def _plain(obj: Any) -> Array:
    if isinstance(obj, np.ndarray):
        return obj
    if hasattr(obj, "detach") and hasattr(obj, "cpu"):  # torch, on any device, with or without gradients
        tensor = obj.detach().cpu()
        if "bfloat16" in str(getattr(tensor, "dtype", "")):
            tensor = tensor.float()  # numpy has no bfloat16
        return np.asarray(tensor.numpy())
    if not hasattr(obj, "__array__") and hasattr(obj, "numpy"):
        return np.asarray(obj.numpy())
    return np.asarray(obj)
