"""The committed generated files are up to date, and the .ksy compiles for every target."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
from support.sampling import sample
from generate import KAITAI, KSY, compile_ksy, difference, generate

#: Every target of the compiler but `html`, which needs more than a .ksy.
TARGETS = [
    *("python", "cpp_stl", "csharp", "go", "java", "javascript", "lua", "nim", "perl", "php"),
    *("ruby", "rust", "graphviz", "construct"),
]

#: Installed by `tools/generate.py`; tests do not use the network.
COMPILER = KAITAI / "node_modules" / "kaitai-struct-compiler"

needs_compiler = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not COMPILER.is_dir(),
        reason="the Kaitai Struct compiler is not installed; `make generate` fetches it",
    ),
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

    def test_a_ksy_that_is_wrong_is_refused_with_its_name(self, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong.ksy"
        wrong.write_text(KSY.read_text(encoding="utf-8").replace("type: flags", "type: flag"))
        with pytest.raises(SystemExit, match=r"wrong\.ksy"):
            compile_ksy(wrong, "python")
