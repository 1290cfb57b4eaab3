"""One file per page: its routes and what its template is told; no page knows another."""
