"""What is saved is what is loaded, in SQLite and in PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from coterie.errors import ConflictError, NotFoundError
from coterie.workspace import EditRecord, NoteRecord, ReportRecord, Session, Token, User, Workspace, new_id
from tests.workspace.conftest import NOON, a_dataset, a_segmentation


def test_users_sessions_tokens_and_attempts_are_kept(either: Workspace) -> None:
    ws = either
    ann = ws.users.add(User(new_id(), "ann", "owner", "hash", NOON))
    assert (ws.users.find("ann"), ws.users.find("bob"), ws.users.list()) == (ann, None, [ann])
    with pytest.raises(ConflictError, match="user already"):
        ws.users.add(User(new_id(), "ann", "viewer", "hash", NOON))
    changed = ws.users.save(replace(ann, role="analyst"))
    assert ws.users.load(ann.id) == changed

    session = ws.sessions.save(Session("digest", ann.id, NOON, NOON))
    assert ws.sessions.load("digest") == session
    ws.sessions.prune(NOON + timedelta(days=1))
    with pytest.raises(NotFoundError, match="session"):
        ws.sessions.load("digest")

    token = ws.tokens.add(Token(new_id(), ann.id, "cron", "secret's digest", "viewer", NOON))
    assert (ws.tokens.find("secret's digest"), ws.tokens.list(ann.id)) == (token, [token])

    for minutes in range(3):
        ws.attempts.record("ann", NOON + timedelta(minutes=minutes))
    assert ws.attempts.count("ann", NOON + timedelta(minutes=1)) == 2
    ws.attempts.clear("ann")
    assert ws.attempts.count("ann", NOON) == 0


def test_a_user_who_is_removed_is_logged_out_everywhere(either: Workspace) -> None:
    ann = either.users.add(User(new_id(), "ann", "owner", "hash", NOON))
    either.sessions.save(Session("one", ann.id, NOON, NOON))
    either.tokens.add(Token(new_id(), ann.id, "cron", "two", "viewer", NOON))
    either.users.remove(ann.id)
    assert either.tokens.find("two") is None
    with pytest.raises(NotFoundError):
        either.sessions.load("one")


def test_datasets_and_segmentations_are_kept_with_their_words(either: Workspace) -> None:
    ws = either
    dataset = a_dataset(ws)
    assert ws.datasets.find_fingerprint(dataset.fingerprint) == dataset
    ready = ws.datasets.save(
        replace(dataset, state="ready", report={"rows_read": 3}, options={"mapping": {"at": "day"}})
    )
    assert ws.datasets.list() == [ready]

    first, second = (a_segmentation(ws, dataset, name) for name in ("first", "second"))
    assert ws.segmentations.list() == [second, first]
    with pytest.raises(NotFoundError, match="not ready"):
        ws.segmentations.page(first.id)
    ws.segmentations.folder(first.id).mkdir(parents=True)
    (ws.segmentations.folder(first.id) / "page.json").write_text(json.dumps({"headline": "5 segments"}))
    assert ws.segmentations.page(first.id) == {"headline": "5 segments"}
    with pytest.raises(ConflictError, match="still in use"):
        ws.datasets.remove(dataset.id)


def test_edits_notes_and_reports_go_with_their_segmentation(either: Workspace) -> None:
    ws = either
    of = a_segmentation(ws, a_dataset(ws)).id
    edits = [EditRecord(new_id(), of, NOON + timedelta(seconds=n), "ann", {"rename": n}) for n in range(2)]
    for edit in edits:
        ws.edits.append(edit)
    assert ws.edits.list(of) == edits
    ws.edits.undo(edits[1].id)
    assert ws.edits.list(of) == edits[:1]

    notes = [NoteRecord(new_id(), of, about, NOON, "ann", "call them") for about in (None, 2)]
    for note in notes:
        ws.notes.add(note)
    assert ws.notes.list(of, 2) == notes[1:]
    report = ws.reports.add(ReportRecord(new_id(), of, "June", NOON))
    assert ws.reports.list() == [report]

    ws.segmentations.remove(of)
    assert (ws.edits.list(of), ws.notes.list(of), ws.reports.list()) == ([], [], [])


def test_59_of_two_who_put_a_segmentation_into_use_one_wins(either: Workspace) -> None:
    ws = either
    dataset = a_dataset(ws)
    first, second, third = (a_segmentation(ws, dataset, name) for name in ("first", "second", "third"))
    assert ws.segmentations.load_current() is None
    ws.segmentations.save_current(first.id, instead_of=None)
    ws.segmentations.save_current(second.id, instead_of=first.id)
    with pytest.raises(ConflictError, match="Somebody else"):
        ws.segmentations.save_current(third.id, instead_of=first.id)
    assert ws.segmentations.load_current() == second
    ws.segmentations.remove(second.id)
    assert ws.segmentations.load_current() is None
