"""Wheel build hook: puts the built front end into the wheel, and refuses to make one without it.

Where the machine has no Node, hatchling installs one from PyPI into the build environment.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        assets = self._build_assets()
        return [assets.NODE_WHEEL] if assets.needs_node_wheel() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._build_assets().build()

    def _build_assets(self) -> ModuleType:
        # By its path: importing the package would ask for Flask, which no build environment has.
        path = Path(self.root) / "scheduler" / "assets" / "build_assets.py"
        spec = importlib.util.spec_from_file_location("build_assets", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
