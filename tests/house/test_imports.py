"""The doors open quickly: slow libraries are imported where they are used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SLOW = ("pandas", "sklearn", "scipy", "matplotlib", "seaborn", "ibis", "pyarrow", "duckdb", "typst", "jinja2")


def _modules_after(statement: str) -> set[str]:
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import coterie",
        "import coterie.cli",
        "from click.testing import CliRunner; from coterie.cli import main; CliRunner().invoke(main, ['-h'])",
    ],
)
def test_slow_libraries_are_not_imported_before_they_are_needed(statement: str) -> None:
    loaded = _modules_after(statement)
    assert not loaded.intersection(SLOW)


def test_all_is_what_the_package_exposes() -> None:
    import coterie

    assert sorted(coterie.__all__) == list(coterie.__all__)
    for name in coterie.__all__:
        assert getattr(coterie, name) is not None
    assert set(coterie.__all__) <= set(dir(coterie))


def test_an_unknown_name_is_refused_as_python_does() -> None:
    import coterie

    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = coterie.nothing_like_this
