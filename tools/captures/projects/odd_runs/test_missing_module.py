"""A module that cannot be imported."""

import measures_of_yore  # noqa: F401 (there is none)
