"""Settings of the whole test run: a time zone, and Hypothesis' profiles."""

import os
import time

from hypothesis import settings

# St John's is three and a half hours behind UTC: a time that is taken for local
# time somewhere does not pass by chance.
os.environ["TZ"] = "America/St_Johns"
if hasattr(time, "tzset"):
    time.tzset()

# No deadlines: machines that run tests are slow now and then, and no test here is
# about time. `default` tries the same examples in each run; `fuzz` looks for new
# ones: HYPOTHESIS_PROFILE=fuzz pytest
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
