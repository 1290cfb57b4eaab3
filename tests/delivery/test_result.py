"""A result takes the place of an earlier result and of nothing else, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coterie.delivery.result import refuse_foreign_folder
from coterie.errors import ConflictError
from coterie.store import replacing


def folder_with(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text("kept", encoding="utf-8")
    return folder


def test_a_folder_that_holds_anything_foreign_is_refused_by_name(tmp_path: Path) -> None:
    out = folder_with(tmp_path / "out", "summary.json", "customers.csv", "thesis.txt")
    with pytest.raises(ConflictError, match=r"thesis\.txt"):
        refuse_foreign_folder(out)


def test_a_folder_without_a_summary_is_no_earlier_result(tmp_path: Path) -> None:
    with pytest.raises(ConflictError):
        refuse_foreign_folder(folder_with(tmp_path / "out", "customers.csv"))


def test_an_earlier_result_that_a_file_browser_opened_may_be_replaced(tmp_path: Path) -> None:
    refuse_foreign_folder(folder_with(tmp_path / "out", "summary.json", "report.html", ".DS_Store"))


def test_the_folder_one_stands_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_with(tmp_path / "here"))
    with pytest.raises(ConflictError, match="current folder"):
        refuse_foreign_folder(Path())


def test_an_old_folder_stays_whole_if_the_new_one_fails(tmp_path: Path) -> None:
    out = folder_with(tmp_path / "out", "old")
    with pytest.raises(KeyboardInterrupt), replacing(out) as draft:
        draft.mkdir()
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "old").read_text(encoding="utf-8") == "kept"


def test_a_new_folder_stands_before_the_old_one_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder_with(tmp_path / "out", "old")
    seen: list[list[str]] = []

    def look_then_remove(folder: Path) -> None:
        seen.append([path.name for path in out.iterdir()])
        remove(folder)

    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", look_then_remove)
    with replacing(out) as draft:
        folder_with(draft, "new")
    assert seen == [["new"]]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    real = folder_with(tmp_path / "real", "old")
    link = tmp_path / "link"
    link.symlink_to(real)
    with replacing(link) as draft:
        folder_with(draft, "new")
    assert link.is_symlink()
    assert [path.name for path in real.iterdir()] == ["new"]
