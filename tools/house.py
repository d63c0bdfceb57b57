"""The house rules that no linter knows, each with a sentence for a name.

Prints one line an offence, ``path:line: sentence``, and exits 1 when there is any.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE = 400
MAX_FUNCTION = 50
GENERATED = ("src/api/schema.d.ts", "mlstudio/_version.py")
# Modules, or families of them, whose tests stand elsewhere, each with the place.
TESTED_ELSEWHERE = {
    "mlstudio/store/laws.py": "abstract: every law is a test of StoreContract",
    "mlstudio/store/schema_*.py": "the tables: tests/store/test_migrations.py holds them against the migrations",
    "mlstudio/entities/lineage.py": "data only; StoreContract and tests/experiments",
    "mlstudio/entities/views.py": "data only; StoreContract and tests/server",
    "mlstudio/store/sql_*.py": "the statements of SqliteStore: StoreContract runs each of them",
    "mlstudio/store/memory_*.py": "the parts of MemoryStore: StoreContract runs each of them",
    "mlstudio/store/search_*.py": "what a search means in SQL and in memory: StoreContract asks both the same",
    "mlstudio/store/table*.py": "the columnar page: StoreContract and tests/server",
    "mlstudio/store/*rules.py": "what both backends must refuse: StoreContract tries each",
    "mlstudio/store/drain.py": "tests/store/test_recorder.py and tests/faults drive every drain through a recorder",
    "mlstudio/store/cursors.py": "paging: StoreContract walks every list",
    "mlstudio/cli/digits_sweep/*.py": "a person's programs: tests/cli/test_demo.py runs them",
    "mlstudio/magics/words.py": "tests/magics/test_trial.py gives it every wrong line",
    "mlstudio/server/content.py": "downloads and ranges: tests/server/handlers/test_artifacts.py and test_tasks.py",
    "mlstudio/server/route*.py": "the table: tests/server/test_openapi.py and tests/security/test_routes.py walk it",
    "mlstudio/experiments/autolog/arguments.py": "tests/experiments/autolog/test_bootstrap.py runs programs with it",
    "mlstudio/experiments/autolog/site/sitecustomize.py": "tests/experiments/autolog/test_bootstrap.py starts with it",
    "mlstudio/entities/jobs.py": "data only; tests/jobs and tests/server",
    "mlstudio/entities/tables.py": "data only; tests/store and tests/server",
    "mlstudio/entities/events.py": "data only; tests/server",
}
# Functions that are long on purpose, each with the reason.
LONG_ON_PURPOSE = {
    "make_calls": "three closures share one place; a call between claim and copy would let threads change",
}
LOOKALIKE = re.compile(r"^\s*def (safe_join|secure_join|join_safely|safe_path|check_name|redact)\b", re.MULTILINE)
HOME_OF = {"safe_join": "mlstudio/store/paths.py", "check_name": "mlstudio/entities/names.py"}
HOME_OF |= {"redact": "mlstudio/entities/secrets.py"}
LOOSE_TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")

Offence = tuple[str, int, str]


def tracked() -> list[Path]:
    """Return the source files that git knows or would add."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.ts", "*.tsx"]
    listed = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    kept = [name for name in listed if name not in GENERATED and "/migrations/" not in name]
    return [Path(name) for name in kept if Path(name).is_file() and not Path(name).is_symlink()]


def a_file_is_read_in_one_sitting(path: Path, text: str) -> Iterator[Offence]:
    lines = text.count("\n")
    if lines > MAX_FILE:
        yield str(path), lines, f"{lines} lines; at most {MAX_FILE}"


def a_function_fits_a_screen(path: Path, text: str) -> Iterator[Offence]:
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            length = (node.end_lineno or first) - first + 1
            if length > MAX_FUNCTION and node.name not in LONG_ON_PURPOSE:
                yield str(path), first, f"{node.name} has {length} lines; at most {MAX_FUNCTION}"


def a_module_is_named_for_what_it_does(path: Path, text: str) -> Iterator[Offence]:
    if path.stem in {"utils", "util", "helpers", "misc", "common"} and path.suffix == ".py":
        yield str(path), 1, f"{path.name} says nothing; name it for what it does"


def one_way_to_join_a_path_to_check_a_name_to_redact(path: Path, text: str) -> Iterator[Offence]:
    if path.parts[0] != "mlstudio" or "runner" in path.parts:  # the runner imports nothing of ours
        return
    for match in LOOKALIKE.finditer(text):
        home = HOME_OF.get(match[1], HOME_OF["safe_join"])
        if str(path) != home:
            yield str(path), text[: match.start()].count("\n") + 1, f"a second {match[1]}; use the one in {home}"


def a_todo_has_a_number(path: Path, text: str) -> Iterator[Offence]:
    if path.name == "house.py":
        return
    for number, line in enumerate(text.splitlines(), 1):
        if LOOSE_TODO.search(line):
            yield str(path), number, "a TODO without an issue's number, as in TODO(#12)"


def a_module_has_its_test(path: Path, text: str) -> Iterator[Offence]:
    """A test file of its own name, or its family's (journal_parse: test_journal.py), or one that imports it."""
    if path.parts[0] != "mlstudio" or path.suffix != ".py" or path.name.startswith("_") or "testing" in path.parts:
        return
    if any(path.match(pattern) for pattern in TESTED_ELSEWHERE):
        return
    room = Path("tests", *path.parts[1:-1])
    named = [*room.rglob(f"test_*{path.stem}*.py"), *room.rglob(f"test_{path.stem.partition('_')[0]}*.py")]
    if not named and ".".join(path.with_suffix("").parts) not in imported():
        yield str(path), 1, f"no {room}/test_{path.name}, and no test imports it"


@functools.cache
def imported() -> frozenset[str]:
    """Return the modules that any test file imports, dotted."""
    names: set[str] = set()
    for path in Path("tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
            elif isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
    return frozenset(names)


RULES = (
    a_file_is_read_in_one_sitting,
    a_function_fits_a_screen,
    a_module_is_named_for_what_it_does,
    one_way_to_join_a_path_to_check_a_name_to_redact,
    a_todo_has_a_number,
    a_module_has_its_test,
)


def offences(paths: list[Path]) -> list[Offence]:
    """Return what breaks a rule, in order of path and line."""
    found: list[Offence] = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        found.extend(offence for rule in RULES for offence in rule(path, text))
    return sorted(found)


def main() -> int:
    """Check the whole tree."""
    found = offences(tracked())
    for path, line, sentence in found:
        print(f"{path}:{line}: {sentence}")
    print(f"house: {len(found)} offences" if found else "house: in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
