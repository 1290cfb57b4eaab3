"""What every request and answer goes through before any page: hosts, origins, limits, headers, secrets."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from coterie.errors import ParameterError
from coterie.store import replacing
from coterie.web.house import house

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""Nothing from another host, no script or style inside a page."""

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A drawing (SVG) carries its styles; opened by itself it can do nothing else."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",  # a stricter one would hide the Origin of our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LEAST_SECRET_LENGTH = 32
KNOWN_SECRETS = ("changeme", "change-me", "change_me", "secret", "password", "example", "default", "test")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def install(app: Flask) -> None:
    """Watch over the application."""
    app.before_request(_name_request)
    app.before_request(_refuse_strange_hosts)
    app.before_request(_refuse_other_sites)
    app.after_request(_protect)


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _refuse_strange_hosts() -> None:
    """A page that has its name pointed at us, or a forged Host header, gets nothing."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name.lower() not in house().hosts:
        abort(400, "This server is not called by that name.")


def _refuse_other_sites() -> None:
    """Only our own pages may post; a program says who it is by a token, which no browser adds by itself."""
    if request.method in SAFE_METHODS or request.headers.get("Authorization", "").startswith("Bearer "):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return
    # Browsers send no Sec-Fetch-Site to plain HTTP hosts other than localhost.
    origin = urlsplit(request.headers.get("Origin", ""))
    if site is not None or (origin.scheme, origin.netloc) != (request.scheme, request.host):
        abort(403, "The form came from another site. Open the page here and send it again.")


def _protect(response: Response) -> Response:
    if response.mimetype == "image/svg+xml":
        response.headers.setdefault("Content-Security-Policy", PICTURE_POLICY)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.endpoint not in ("static", "tones"):
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers.pop("Server", None)
    return response


def local_target(target: str, *, otherwise: str) -> str:
    r"""Where to go next, if that is a page here.

    Parameters
    ----------
    target : str
        As somebody's link says it.
    otherwise : str
        What to give in its place.

    Returns
    -------
    str

    Examples
    --------
    >>> local_target("/jobs?page=2", otherwise="/")
    '/jobs?page=2'
    >>> [local_target(bad, otherwise="/") for bad in ("//evil", "/\\evil", "https:evil")]
    ['/', '/', '/']
    """
    is_plain = target.isprintable() and "\\" not in target
    is_path = target.startswith("/") and not target.startswith("//")
    return target if is_plain and is_path else otherwise


def kept_secret(folder: Path) -> str:
    """Give the workspace's own secret, made at first use and readable by its owner alone.

    Parameters
    ----------
    folder : Path
        Of the workspace.

    Returns
    -------
    str
    """
    path = folder / "secret"
    if not path.is_file():
        with replacing(path) as draft:
            draft.touch(0o600, exist_ok=False)
            draft.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def check_secret(secret: str) -> str:
    """Refuse a secret that can be guessed.

    Parameters
    ----------
    secret : str

    Returns
    -------
    str
        The secret.

    Raises
    ------
    ParameterError
        If it is short, well known or made of few letters.
    """
    is_known = any(secret.lower().strip("0123456789!-_ ") == known for known in KNOWN_SECRETS)
    if is_known or len(secret) < LEAST_SECRET_LENGTH or len(set(secret)) < LEAST_SECRET_LENGTH // 4:
        raise ParameterError(
            f"The secret key can be guessed: it needs {LEAST_SECRET_LENGTH} characters nobody knows",
            where="COTERIE_SECRET_KEY",
            to_do="Leave it out, then one is made and kept in the workspace",
        )
    return secret


def check_bind(host: str, *, login: bool, debug: bool) -> None:
    """Refuse to serve others what is meant for one person on one machine.

    Parameters
    ----------
    host : str
        Address to listen on.
    login, debug : bool

    Raises
    ------
    ParameterError
        If the address is reached from other machines and there is no login, or debugging is on.
    """
    if host in LOOPBACK:
        return
    if not login:
        raise ParameterError(
            f"Without login, the server may only listen on this machine, not on {host}",
            where="--no-login",
            to_do="Leave out --no-login, or use --host 127.0.0.1",
        )
    if debug:
        raise ParameterError(
            f"Debugging shows the inside of the program; that is not for {host}",
            where="FLASK_DEBUG",
            to_do="Unset FLASK_DEBUG and PYTHONDEVMODE, or use --host 127.0.0.1",
        )
