"""The sizes that people know from AWS, the whole host, and the user's own.

Sources: Amazon EC2's pages of the families; a Nxlarge that is not listed is derived from its name
(4 N vCPUs, 4 GiB each), with a notice. The user's own sizes are kept in ``<home>/instances.json``.

Knows nothing of: what this host has.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Final

import msgspec

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound
from mlstudio.entities.instances import InstanceType
from mlstudio.store.home import Home, default_home

_M5: Final = {"large": (2, 8), "xlarge": (4, 16), "2xlarge": (8, 32), "4xlarge": (16, 64), "8xlarge": (32, 128),
              "12xlarge": (48, 192), "16xlarge": (64, 256), "24xlarge": (96, 384)}  # fmt: skip
_CPU: Final[dict[str, dict[str, tuple[int, float]]]] = {
    "t3": {"medium": (2, 4), "large": (2, 8), "xlarge": (4, 16), "2xlarge": (8, 32)},
    "m5": dict(_M5),
    "m6i": dict(_M5),
    "m4": {"xlarge": (4, 16), "2xlarge": (8, 32), "4xlarge": (16, 64), "10xlarge": (40, 160), "16xlarge": (64, 256)},
    "c5": {"large": (2, 4), "xlarge": (4, 8), "2xlarge": (8, 16), "4xlarge": (16, 32), "9xlarge": (36, 72),
           "18xlarge": (72, 144)},
    "c4": {"large": (2, 3.75), "xlarge": (4, 7.5), "2xlarge": (8, 15), "4xlarge": (16, 30), "8xlarge": (36, 60)},
    "r5": {"large": (2, 16), "xlarge": (4, 32), "2xlarge": (8, 64), "4xlarge": (16, 128), "8xlarge": (32, 256),
           "12xlarge": (48, 384), "16xlarge": (64, 512), "24xlarge": (96, 768)},
}  # fmt: skip
_GPU: Final[dict[str, dict[str, tuple[int, float, int, float]]]] = {
    "p2": {"xlarge": (4, 61, 1, 12), "8xlarge": (32, 488, 8, 12), "16xlarge": (64, 732, 16, 12)},
    "p3": {"2xlarge": (8, 61, 1, 16), "8xlarge": (32, 244, 4, 16), "16xlarge": (64, 488, 8, 16)},
    "p4d": {"24xlarge": (96, 1152, 8, 40)},
    "p5": {"48xlarge": (192, 2048, 8, 80)},
    "g4dn": {"xlarge": (4, 16, 1, 16), "2xlarge": (8, 32, 1, 16), "4xlarge": (16, 64, 1, 16),
             "8xlarge": (32, 128, 1, 16), "12xlarge": (48, 192, 4, 16), "16xlarge": (64, 256, 1, 16)},
    "g5": {"xlarge": (4, 16, 1, 24), "2xlarge": (8, 32, 1, 24), "4xlarge": (16, 64, 1, 24), "8xlarge": (32, 128, 1, 24),
           "12xlarge": (48, 192, 4, 24), "16xlarge": (64, 256, 1, 24), "24xlarge": (96, 384, 4, 24),
           "48xlarge": (192, 768, 8, 24)},
}  # fmt: skip
KNOWN: Final[dict[str, InstanceType]] = {
    f"ml.{family}.{size}": InstanceType(name=f"ml.{family}.{size}", vcpu=vcpu, memory_gib=memory)
    for family, sizes in _CPU.items()
    for size, (vcpu, memory) in sizes.items()
} | {
    f"ml.{family}.{size}": InstanceType(
        name=f"ml.{family}.{size}", vcpu=vcpu, memory_gib=memory, gpu=gpu, gpu_memory_gib=each
    )
    for family, sizes in _GPU.items()
    for size, (vcpu, memory, gpu, each) in sizes.items()
}
"""Sizes by name."""

LOCAL: Final = ("local", "local_gpu")
"""Names of the whole host."""
MAX_OWN: Final = 200
_WORDS: Final = {"nano": 1, "micro": 1, "small": 1, "medium": 2, "large": 2, "xlarge": 4, "metal": 96}
_SHAPE: Final = re.compile(
    r"ml\.([a-z][a-z0-9-]{0,19})\.(?:(nano|micro|small|medium|large|xlarge|metal)|([1-9]\d?\d?)xlarge)"
)
_PART: Final = re.compile(r"ml\.local\.(cpu|gpu)([1-9]\d{0,3})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def derived(name: str) -> InstanceType | None:
    """Return the size that an unlisted ``ml.<family>.<size>`` spells, None when it spells none."""
    shape = _SHAPE.fullmatch(name)
    if shape is None or shape[1] == "local":
        return None
    vcpu = _WORDS[shape[2]] if shape[2] else 4 * int(shape[3])
    gpu = 1 if shape[1][0] in "pg" else 0
    return InstanceType(name=name, vcpu=vcpu, memory_gib=4.0 * vcpu, gpu=gpu)


def part_of_host(name: str) -> tuple[str, int] | None:
    """Return ("cpu", 3) of ``ml.local.cpu3``, None of any other name."""
    part = _PART.fullmatch(name)
    return None if part is None else (part[1], int(part[2]))


def no_type(name: str, home: Home | None = None) -> InvalidField:
    """Return the error for a name that is no size; its hint has the nearest ones."""
    near = difflib.get_close_matches(name, [*LOCAL, *KNOWN, *own_types(home)], n=3)
    return InvalidField(
        f"{name!r:.100} is no instance type.",
        field="instance_type",
        hint=f"Did you mean {' or '.join(near)}?" if near else 'Use "local", or a size such as ml.m5.large.',
    )


# ---- the user's own


def _path(home: Home | None) -> Path:
    return (home or default_home()).root / "instances.json"


def own_types(home: Home | None = None) -> dict[str, InstanceType]:
    """Return the user's own sizes by name; a file that cannot be read counts as none."""
    try:
        kept = msgspec.json.decode(_path(home).read_bytes(), type=list[InstanceType])
    except (OSError, msgspec.DecodeError):
        return {}
    return {one.name: one for one in kept}


def add_type(wanted: InstanceType, home: Home | None = None, *, replace: bool = False) -> InstanceType:
    """Keep a size of one's own.

    Raises:
        InvalidField: a name that cannot be one, or is one of AWS's or the host's.
        AlreadyExists: there is one of that name, and `replace` is not given.
    """
    if not _NAME.fullmatch(wanted.name):
        raise InvalidField(
            f"{wanted.name!r:.100} cannot be the name of an instance type.",
            field="name",
            hint="Use up to 64 letters, digits, dots, dashes and underscores.",
        )
    if wanted.name in KNOWN or wanted.name in LOCAL or derived(wanted.name) or part_of_host(wanted.name):
        raise InvalidField(f"{wanted.name} is an instance type already.", field="name", hint="Use another name.")
    own = own_types(home)
    if wanted.name in own and not replace:
        raise AlreadyExists(f"You have an instance type {wanted.name} already.", field="name")
    if len(own) >= MAX_OWN and wanted.name not in own:
        raise InvalidField(f"There are {len(own)} instance types of your own; no more are kept.", field="name")
    made = msgspec.structs.replace(wanted, own=True)
    _write({**own, wanted.name: made}, home)
    return made


def remove_type(name: str, home: Home | None = None) -> None:
    """Forget a size of one's own. Raises: NotFound."""
    own = own_types(home)
    if name not in own:
        raise NotFound(f"You have no instance type {name!r:.100} of your own.", field="name")
    del own[name]
    _write(own, home)


def _write(own: dict[str, InstanceType], home: Home | None) -> None:
    (home or default_home()).ensure()
    path = _path(home)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode([own[name] for name in sorted(own)]), indent=2))
    part.chmod(0o600)
    part.replace(path)
