"""The committed generated files are up to date, and the .ksy compiles for every target."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generate import KAITAI, KSY, compile_ksy, difference, generate
from support.kaitai_compiler import COMPILER, needs_compiler
from support.sampling import sample

#: Every target of the compiler but `html`, which needs more than a .ksy.
TARGETS = [
    *("python", "cpp_stl", "csharp", "go", "java", "javascript", "lua", "nim", "perl", "php"),
    *("ruby", "rust", "graphviz", "construct"),
]

class TestWithTheCompiler:
    pytestmark = needs_compiler

    # `make drift` makes the same comparison.
    @pytest.mark.slow
    def test_generated_files_are_what_is_generated_now(self) -> None:
        differences = [difference(file) for file in generate()]
        assert differences
        assert "".join(differences) == ""

    def test_a_generated_file_that_was_edited_is_noticed(self) -> None:
        file = next(generate())
        assert difference(file._replace(content=file.content + b"# edited\n"))

    @pytest.mark.parametrize("target", sample(TARGETS, quick=TARGETS[:2]))
    def test_the_ksy_compiles_for(self, target: str) -> None:
        files = compile_ksy(KSY, target)
        assert files
        assert all(files.values())

    def test_another_compiler_is_not_changed_to_write(self, tmp_path: Path) -> None:
        copy = shutil.copytree(KAITAI, tmp_path / "kaitai")
        package = copy / "node_modules" / COMPILER.name / f"{COMPILER.name}.js"
        package.write_text(package.read_text("utf-8") + "// changed\n", "utf-8")
        refused = subprocess.run(
            ["node", str(copy / "compile.js"), str(KSY), "python", "--read-write"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert (refused.returncode, refused.stdout) == (1, "")
        assert re.fullmatch(
            r".*: SHA-256 [0-9a-f]{64}, not that of kaitai-struct-compiler 0\.11\.0: .*\n",
            refused.stderr,
        )

    def test_a_ksy_that_is_wrong_is_refused_with_its_name(self, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong.ksy"
        wrong.write_text(KSY.read_text(encoding="utf-8").replace("type: flags", "type: flag"))
        with pytest.raises(SystemExit, match=r"wrong\.ksy"):
            compile_ksy(wrong, "python")
