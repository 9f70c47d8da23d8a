"""Reports of a run, as files: JSON, JUnit XML, subunit v2."""
