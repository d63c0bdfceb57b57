"""Figures: matplotlib's as PNG, plotly's as their JSON. Neither library is imported."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any, Final

from mlstudio.experiments.media.encoded import JSON_TYPE, Encoded, Unfit, json_bytes, text_head, type_name
from mlstudio.experiments.media.images import thumbnail

PLOTLY_TYPE: Final = "application/vnd.plotly.v1+json"
MAX_JSON: Final = 64 << 20


def figure(obj: Any) -> Encoded:
    """Return one figure.

    Args:
        obj: a matplotlib figure, or axes of one; a plotly figure, or its dict with ``data`` and ``layout``.

    Raises:
        Unfit: it is neither, or too large.
    """
    if hasattr(obj, "savefig"):
        return _drawn(obj)
    if hasattr(obj, "to_plotly_json") and hasattr(obj, "to_json"):
        return _plotly(str(obj.to_json()))
    if isinstance(obj, dict) and isinstance(obj.get("data"), (list, tuple)):
        try:
            return _plotly(json.dumps({**obj, "data": list(obj["data"])}, default=_listed, allow_nan=True))
        except (TypeError, ValueError, RecursionError) as error:
            raise Unfit(f"The figure's dict is not JSON: {str(error)[:200]}.") from error
    owner = getattr(obj, "figure", None)
    if owner is not None and hasattr(owner, "savefig"):  # axes, seaborn grids
        return _drawn(owner)
    raise Unfit(
        f"{type_name(obj)} is no figure.", hint="Give a matplotlib or plotly figure, or draw it and use run.image."
    )


def _listed(value: Any) -> Any:
    tolist = getattr(value, "tolist", None)
    if callable(tolist):
        return tolist()
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return isoformat()
    raise TypeError(f"{type_name(value)} has no JSON form")


def _drawn(drawn: Any) -> Encoded:
    from PIL import Image

    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing glyph is no reason to disturb a training
            drawn.savefig(out, format="png", bbox_inches="tight")
    except Exception as error:  # a stranger's drawing may raise anything
        raise Unfit(f"The figure cannot be drawn: {type(error).__name__}: {str(error)[:200]}.") from error
    data = out.getvalue()
    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        return Encoded("image/png", data, **thumbnail(picture))


def _plotly(text: str) -> Encoded:
    if len(text) > MAX_JSON:
        raise Unfit(f"The figure has {len(text) >> 20} MiB of JSON; at most {MAX_JSON >> 20} are kept.")
    try:
        found = json.loads(text, parse_constant=lambda _: None)  # NaN is no JSON: a browser would refuse all of it
    except (ValueError, RecursionError) as error:
        raise Unfit(f"The figure's JSON cannot be read: {str(error)[:200]}.") from error
    traces = [one for one in found.get("data") or [] if isinstance(one, dict)]
    title = (found.get("layout") or {}).get("title") or ""
    shown = {
        "title": text_head(str(title.get("text", "") if isinstance(title, dict) else title), 500).decode(),
        "traces": len(traces),
        "types": sorted({str(one.get("type", "scatter"))[:40] for one in traces})[:20],
    }
    kept = {key: found[key] for key in ("data", "layout", "frames") if key in found}
    return Encoded(PLOTLY_TYPE, json_bytes(kept), preview=json_bytes(shown), preview_type=JSON_TYPE)
