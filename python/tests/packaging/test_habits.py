"""The files that CI, pre-commit and GitHub read: valid, and with commands that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.command import environment
from support.conformance_toolchains import needed

ROOT = Path(__file__).resolve().parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
HOOKS = ROOT / ".pre-commit-config.yaml"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def run(*command: str | Path, folder: Path = ROOT) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment(), check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def steps() -> list[str]:
    """Return the shell commands of the workflow."""
    jobs = load(WORKFLOW)["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


# ---- The workflow -----------------------------------------------------------------------


def validate(schema: str, *files: Path) -> None:
    """Check files against a schema that check-jsonschema ships."""
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


@pytest.mark.slow
def test_the_workflow_follows_the_schema() -> None:
    validate("github-workflows", WORKFLOW)


@pytest.mark.slow
@pytest.mark.toolchain
def test_actionlint_finds_nothing_in_the_workflow() -> None:
    needed("go")
    run("go", "tool", "actionlint", WORKFLOW, folder=ROOT / "tools" / "actionlint")


def test_the_workflow_runs_what_contributors_run() -> None:
    commands = steps()
    assert {"make run", "make test", "make test-all"} <= set(commands)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = {words[1] for words in map(str.split, commands) if words[0] == "make"}
    assert asked <= targets


def test_the_workflow_has_every_python_that_the_package_names() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    versions = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project))
    jobs = load(WORKFLOW)["jobs"]
    for name in ("test", "windows"):
        assert set(jobs[name]["strategy"]["matrix"]["python"]) == versions
    assert {*jobs["test"]["strategy"]["matrix"]["os"], jobs["windows"]["runs-on"]} == {
        *("ubuntu-latest", "macos-latest", "windows-latest")
    }


#: Modules of the standard library that Windows lacks.
POSIX = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty")


@pytest.mark.slow
def test_the_tests_on_windows_import_no_module_that_is_missing_there(tmp_path: Path) -> None:
    [command] = [each for each in steps() if " pytest " in each]
    program, *arguments = shlex.split(command)
    assert program == "python"
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({POSIX!r}))\n", "utf-8"
    )
    done = subprocess.run(
        [sys.executable, *arguments, "--collect-only", "--quiet", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment({"PYTHONPATH": str(tmp_path)}),
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    found = re.search(r"(\d+)(?:/\d+)? tests collected", done.stdout)
    assert found is not None
    assert int(found[1]) > 1000


# ---- Issue forms ------------------------------------------------------------------------


@pytest.mark.slow
def test_issue_forms_follow_the_schema() -> None:
    assert FORMS
    validate("github-issue-forms", *FORMS)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_keeps_the_rules_that_the_schema_leaves_out(form: Path) -> None:
    body = load(form)["body"]
    fields = [each for each in body if each["type"] != "markdown"]
    assert fields
    # GitHub refuses a form in which two fields have one id, or one label.
    ids = [each["id"] for each in fields]
    labels = [each["attributes"]["label"] for each in fields]
    assert len(ids) == len(set(ids))
    assert len(labels) == len(set(labels))
    for each in fields:
        options = each["attributes"].get("options", [])
        names = [one["label"] if isinstance(one, dict) else one for one in options]
        assert len(names) == len(set(names))


def test_the_form_asks_for_the_stream_first() -> None:
    body = load(ROOT / ".github" / "ISSUE_TEMPLATE" / "misread-stream.yml")["body"]
    first = next(each for each in body if each["type"] != "markdown")
    assert (first["id"], first["validations"]) == ("stream", {"required": True})


# ---- Hooks ------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_hooks_are_valid() -> None:
    run(sys.executable, "-m", "pre_commit", "validate-config", HOOKS)


def test_the_hooks_start_programs_that_are_there() -> None:
    config = load(HOOKS)
    words = [
        shlex.split(hook["entry"]) for repository in config["repos"] for hook in repository["hooks"]
    ]
    assert [each for each in words if not each[0].startswith(".venv/bin/")] == []
    scripts = [each[1] for each in words if each[0] == ".venv/bin/python"]
    assert scripts == ["tools/drift/prose.py", "tools/corpus/build.py"]
    assert [each for each in scripts if not (ROOT / each).is_file()] == []
