"""The web application: pages over the workspace.

`app` puts it together; `routes` says who may see what, `guard` and `visitors` see to it, `rendering` turns
views into pages, `failures` turns errors into pages, `pages/` has one file per page. README.md is the map.
"""

from coterie.web.app import create_app

__all__ = ["create_app"]
