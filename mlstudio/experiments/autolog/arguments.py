"""Parameters as a program really parsed them, defaults included: argparse, click, hydra, dataclasses.

Only in a program that ``mlstudio run`` started. What is found goes into a file, a JSON object a line,
that the parent reads: to open the store here would cost each program a third of a second.

argparse: every `parse_args` of the process's own arguments (also those of libraries built on it).
click and typer: the contexts of the commands. Hydra: the composed configuration. Dataclasses: the
first instance of each one of the main program whose name ends in Config, Args, Params or the like.

Reads: those modules, once the program has imported them.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.bootstrap import FACTS
from mlstudio.experiments.autolog.finder import ImportWatch
from mlstudio.experiments.autolog.hooks import Hook, around

_CONFIGS: Final = (
    "config",
    "configuration",
    "args",
    "arguments",
    "params",
    "parameters",
    "options",
    "settings",
    "hparams",
)
_TOOLS: Final = frozenset({"torchrun", "accelerate", "deepspeed", "pytest", "pip", "ipython", "jupyter", "coverage"})
_hook: Final = Hook("arguments")
_watch: Final = ImportWatch()
_depth = 0


def listen() -> None:
    """Put the hooks in, each when the program imports its module."""
    _hook.on = True
    for name, install in (
        ("argparse", _install_argparse),
        ("click.core", _install_click),
        ("typer._click.core", _install_click),
        ("hydra.core.utils", _install_hydra),
        ("dataclasses", _install_dataclasses),
    ):
        _watch.when(name, lambda module, install=install: _hook.attempt(install, module) and None)  # type: ignore[misc]


def _install_argparse(module: ModuleType) -> None:
    _hook.patch(module.ArgumentParser, "parse_known_args", lambda original: around(original, _parsed))


def _install_click(module: ModuleType) -> None:
    _hook.patch(module.Command, "invoke", lambda original: around(original, _invoked))


def _install_hydra(module: ModuleType) -> None:
    _hook.patch(module, "run_job", lambda original: around(original, _composed))


def _install_dataclasses(module: ModuleType) -> None:
    _hook.patch(module, "dataclass", lambda original: around(original, _declared))


def tell(source: str, values: Mapping[Any, Any]) -> None:
    """Append parameters to the file; only the first process of a distributed training does."""
    from mlstudio.experiments.autolog.described import parameters

    path = os.environ.get(FACTS)
    if not path or os.environ.get("RANK", "0") != "0":
        return
    found = parameters({name: value for name, value in values.items() if not callable(value)})
    line = json.dumps({"source": source, "params": found}, ensure_ascii=True) + "\n"
    with Path(path).open("a", encoding="ascii") as file:
        file.write(line)


# -- argparse


def _parsed(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    global _depth
    if not _hook.on:
        return original(*args, **kwargs)
    _depth += 1
    try:
        result = original(*args, **kwargs)
    finally:
        _depth -= 1
    if _depth == 0:
        _hook.attempt(_tell_namespace, args, kwargs, result)
    return result


def _tell_namespace(args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    given = args[1] if len(args) > 1 else kwargs.get("args")
    ours = given is None or list(given) == sys.argv[1:]
    parser = args[0]
    if not ours or Path(sys.argv[0]).name in _TOOLS or "--hydra-help" in parser._option_string_actions:  # noqa: SLF001, RUF100
        return
    tell("argparse", vars(result[0]))


# -- click


def _invoked(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if _hook.on and Path(sys.argv[0]).name not in _TOOLS:
        _hook.attempt(_tell_context, args[1] if len(args) > 1 else kwargs.get("ctx"))
    return original(*args, **kwargs)


def _tell_context(context: Any) -> None:
    if context is not None and not getattr(context, "resilient_parsing", False):
        tell("click", context.params)


# -- hydra


def _composed(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if _hook.on:
        _hook.attempt(_tell_config, kwargs["config"] if "config" in kwargs else args[1])
    return original(*args, **kwargs)


def _tell_config(config: Any) -> None:
    plain = sys.modules["omegaconf"].OmegaConf.to_container(config, resolve=False)
    tell("hydra", {name: value for name, value in plain.items() if name != "hydra"})


# -- dataclasses


def _declared(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Stand for `dataclasses.dataclass`, with or without brackets."""
    result = original(*args, **kwargs)
    if not _hook.on:
        return result
    if isinstance(result, type):
        _hook.attempt(_follow_first, result)
        return result

    def decorate(declared: Any) -> Any:
        made = result(declared)
        _hook.attempt(_follow_first, made)
        return made

    return decorate


def _follow_first(made: Any) -> None:
    """Have the first instance of a configuration told; its class is as it was from then on."""
    if made.__module__ != "__main__" or not made.__name__.lower().endswith(_CONFIGS):
        return
    original = vars(made).get("__init__")
    if original is None:
        return

    @functools.wraps(original)  # its annotations too: who asks for the types of the arguments finds them
    def first(instance: Any, *args: Any, **kwargs: Any) -> None:
        made.__init__ = original
        original(instance, *args, **kwargs)
        _hook.attempt(_tell_instance, instance)

    made.__init__ = first


def _tell_instance(instance: Any) -> None:
    import dataclasses

    tell("dataclass", dataclasses.asdict(instance))
