"""Run zope.testrunner, as its own script does.

Its tests start this file again, for layers in processes of their own.
"""

from zope.testrunner import run  # type: ignore[import-not-found]

if __name__ == "__main__":
    run()
