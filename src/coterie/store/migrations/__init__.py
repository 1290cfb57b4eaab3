"""The history of the metadata database's tables, one file a change."""
