"""A folder for PYTHONPATH: with it Python replaces python-subunit's classes as it starts."""
