"""A folder for PYTHONPATH, with which Python replaces the classes of python-subunit."""
