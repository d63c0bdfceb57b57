"""Write the parts of the docs that the code knows best: commands, HTTP routes, settings.

`--check` only compares. Everything between a page's two markers is made here; the prose around it is
written by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mlstudio.cli.main import build_parser
from mlstudio.server.routes import PREFIX, ROUTES

BEGIN = "<!-- made by tools/doc_pages.py: -->"
END = "<!-- :made by tools/doc_pages.py -->"
PIPE = "\\|"


def commands(parser: argparse.ArgumentParser, help_text: str = "") -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Yield every command that does something, with its one-line help, in the order of `--help`."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser, help_text
    for group in groups:
        helps = {item.dest: item.help or "" for item in group._choices_actions}
        for name, child in group.choices.items():
            yield from commands(child, helps.get(name, ""))


def usage(action: argparse.Action) -> str:
    """Return how an argument is written: ``-f, --follow``, ``--grace SECONDS``, ``name``."""
    if not action.option_strings:
        name = str(action.metavar or action.dest)
        return f"[{name}]" if action.nargs == "?" else name
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    takes = "" if action.nargs == 0 else f" {action.metavar or choices or action.dest.upper()}"
    return ", ".join(action.option_strings) + takes


def command(parser: argparse.ArgumentParser, help_text: str) -> str:
    """Return the Markdown of one command."""
    said = (parser.description or help_text).strip().rstrip(".")
    lines = [f"### `{parser.prog}`", "", f"{said[:1].upper()}{said[1:]}.", ""]
    rows = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    if rows:
        lines += ["| argument | |", "|---|---|"]
        lines += [f"| `{usage(row)}` | {(row.help or '').replace('|', PIPE)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def command_pages() -> str:
    """Return every command."""
    return "\n".join(command(parser, help_text) for parser, help_text in commands(build_parser()))


def routes() -> str:
    """Return the table of routes, as the server serves them."""

    def named(kind: object) -> str:
        return "–" if kind is None else f"`{getattr(kind, '__name__', kind)}`"

    lines = [f"All below `{PREFIX}`.", "", "| verb | path | | body | answer |", "|---|---|---|---|---|"]
    lines += [
        f"| {route.method} | `{route.path}` | {route.summary} | {named(route.body)} | {named(route.returns)} |"
        for route in ROUTES
    ]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return the settings of every plugin with their defaults."""
    lines = ["| plugin | setting | default | |", "|---|---|---|---|"]
    for path in sorted(Path("schema").glob("*.json")):
        for name, item in json.loads(path.read_text(encoding="utf-8")).get("properties", {}).items():
            said = item.get("description") or item.get("title", "")
            lines.append(f"| {path.stem} | `{name}` | `{json.dumps(item.get('default'))}` | {said} |")
    return "\n".join(lines) + "\n"


PAGES: dict[Path, Callable[[], str]] = {
    Path("docs/cli.md"): command_pages,
    Path("docs/http.md"): routes,
    Path("docs/panel.md"): settings,
}


def page(text: str, made: str) -> str:
    """Return `text` with the part between the markers replaced by `made`."""
    before, begin, rest = text.partition(BEGIN)
    assert begin, "the page has lost its markers"
    return f"{before}{BEGIN}\n\n{made}\n{END}{rest.partition(END)[2]}"


def main(argv: list[str]) -> int:
    """Write the pages, or name those that are out of date."""
    stale = 0
    for path, make in PAGES.items():
        kept = path.read_text(encoding="utf-8")
        fresh = page(kept, make())
        if fresh == kept:
            continue
        if "--check" in argv:
            print(f"{path} does not say what the code does. Run `python tools/doc_pages.py`.")
            stale = 1
        else:
            path.write_text(fresh, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
