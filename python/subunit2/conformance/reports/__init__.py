"""Files that a run of the suite writes: JSON, JUnit XML, subunit v2."""
