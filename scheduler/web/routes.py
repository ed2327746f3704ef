"""Puts the pages on the application: cookies, headers, forms' protection, and the blueprints."""

from __future__ import annotations

from flask import Flask

from scheduler.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Register every page. The table of who may open which is web/policy.py."""
