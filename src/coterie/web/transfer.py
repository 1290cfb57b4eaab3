"""Answers travel compressed; files that never change are compressed once and kept by browsers."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, send_file

WORTH_BYTES = 1_000
MOST_BYTES = 8 * 2**20
"""Larger files would take longer to compress than to send."""
LEVEL = 6
COMPRESSIBLE = frozenset(
    {
        "text/html",
        "text/css",
        "text/csv",
        "text/plain",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)
FOR_EVER = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Compress what leaves."""
    app.after_request(_compress)
    app.after_request(_keep_static)
    app.add_url_rule("/health", "health", lambda: Response("ok\n", mimetype="text/plain"))


def send_kept(path: Path, mimetype: str, *, save: bool = False) -> Response:
    """Answer with a small file that stays as it is: compressed once, kept by the visitor's browser.

    Parameters
    ----------
    path : Path
    mimetype : str
    save : bool
        To be saved rather than shown.

    Returns
    -------
    Response
        Only the reader's own browser may keep it, for a file may tell of customers.
    """
    response = send_file(path, mimetype=mimetype, as_attachment=save, download_name=path.name)
    response.cache_control.no_cache = None
    response.cache_control.private = True
    response.cache_control.max_age = FOR_EVER
    response.cache_control.immutable = True
    if response.status_code == 200 and mimetype in COMPRESSIBLE and _takes_gzip():
        response.direct_passthrough = False
        response.set_data(_compressed(path, path.stat().st_mtime_ns))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _takes_gzip() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _keep_static(response: Response) -> Response:
    """An address with a mark of its content may be kept for ever."""
    if request.endpoint == "static" and request.args.get("v"):
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    return response


def _compress(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if (
        not _takes_gzip()
        or response.status_code != 200
        or response.mimetype not in COMPRESSIBLE
        or response.headers.get("Content-Encoding")
    ):
        return response
    if request.endpoint == "static":
        content = _static_content()
    elif _is_worth_it(response):
        response.direct_passthrough = False
        content = gzip.compress(response.get_data(), LEVEL, mtime=0)
    else:
        return response
    response.direct_passthrough = False
    response.set_data(content)
    response.headers["Content-Encoding"] = "gzip"
    return response


def _is_worth_it(response: Response) -> bool:
    """What is sent as it is made has no length, and is not held back."""
    length = response.content_length or response.calculate_content_length()
    return length is not None and WORTH_BYTES < length < MOST_BYTES


def _static_content() -> bytes:
    path = Path(current_app.static_folder or "") / (request.view_args or {})["filename"]
    return _compressed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _compressed(path: Path, changed_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
