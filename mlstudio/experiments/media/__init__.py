r"""Media: what people hand over, made into bytes that a browser can show, and a preview.

    encode("image", array)  ->  [Encoded(data=b"\x89PNG…", media_type="image/png", preview=b"RIFF…")]

Each encoder takes what is usual for its kind (a Pillow image, a numpy array, a torch tensor, a
path, a matplotlib or plotly figure, a DataFrame), and refuses with a sentence what could mean two
things: `Unfit`. Nothing is pickled; a file that is named is looked at before it is believed.

Imports Pillow, numpy and pandas only when a medium needs them; never torch, matplotlib or plotly.
Knows nothing of: components, stores.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from mlstudio.entities.media import MediaKind
from mlstudio.experiments.media.encoded import Encoded, Unfit

_HOMES: Final[dict[MediaKind, str]] = {
    "image": "images",
    "audio": "audio",
    "video": "video",
    "figure": "figures",
    "table": "tables",
    "histogram": "histograms",
    "text": "texts",
    "html": "texts",
}

__all__ = ["Encoded", "Unfit", "encode"]


def encode(kind: MediaKind, obj: Any, **options: Any) -> list[Encoded]:
    """Return the media in `obj`: one, or one for each image of a batch.

    Args:
        kind: what it is.
        obj: see the encoder of the kind: ``mlstudio.experiments.media.images.image`` and so on.
        **options: of that encoder; those that are None are left to it.

    Raises:
        Unfit: it cannot be one, or could mean two things; the message says which and what to do.
        InvalidField: a file that was named is not there.
    """
    encoder: Callable[..., Encoded | list[Encoded]] = getattr(
        import_module(f"mlstudio.experiments.media.{_HOMES[kind]}"), kind
    )
    found = encoder(obj, **{key: value for key, value in options.items() if value is not None})
    return found if isinstance(found, list) else [found]
