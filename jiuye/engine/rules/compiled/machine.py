"""Intermediate language to callable machine code, kept on disk: the same rules are compiled once on a machine.

The name of a kept file is the hash of the text, of the processor and of LLVM's version, so that it can never stand for other
rules. A folder that cannot be written costs the compilation again and nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from jiuye.engine.basis.kept import cache_folder

LATEST_KEPT = 64  # files of machine code that stay in the folder; the oldest go


class Machine:
    """Machine code of one text. `function` gives its functions by name; they run without Python's lock."""

    def __init__(self, text: str, names: Sequence[str], folder: Path | None = None) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        features = llvm.get_host_cpu_features().flatten()
        self._target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=features, opt=2, reloc="pic", codemodel="small"
        )
        key = "\0".join((text, llvm.get_host_cpu_name(), features, str(llvm.llvm_version_info)))
        name = hashlib.sha256(key.encode()).hexdigest()[:32] + ".o"
        kept = (folder or cache_folder() / "rules") / name
        code = _read(kept)
        self.was_kept = code is not None
        if code is None:
            code = self._compiled(text)
            _write(kept, code)
        # The engine must hold a module of its own; the code itself is in the object file.
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._target)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self._addresses = {name: self._engine.get_function_address(name) for name in names}

    def function(self, name: str, pointers: int) -> Callable[..., None]:
        """The function `name(start, stop, pointer …)` over so many pointers.

        It keeps its code: the engine frees it when nobody holds the engine, and this object may be gone by then.
        """
        kinds: list[Any] = [ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * pointers]
        function = ctypes.CFUNCTYPE(None, *kinds)(self._addresses[name])
        setattr(function, "code", self._engine)  # noqa: B010 -- mypy knows of no such attribute
        return function

    def _compiled(self, text: str) -> bytes:
        module = llvm.parse_assembly(text)
        module.verify()
        tuning = llvm.create_pipeline_tuning_options(speed_level=2)
        tuning.loop_vectorization = True
        builder = llvm.create_pass_builder(self._target, tuning)
        builder.getModulePassManager().run(module, builder)
        return bytes(self._target.emit_object(module))


def _read(path: Path) -> bytes | None:
    try:
        code = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    return code or None


def _write(path: Path, code: bytes) -> None:
    """Keep the code: written beside and moved into place, so that nobody reads half of it."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            file.write(code)
        Path(beside).replace(path)
        kept = sorted(path.parent.glob("*.o"), key=lambda found: found.stat().st_mtime)
        for old in kept[:-LATEST_KEPT]:
            old.unlink(missing_ok=True)
