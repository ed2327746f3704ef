"""The error pages, for both who may meet them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.assets.gallery import STATUSES, gallery_app


@pytest.mark.parametrize("status", STATUSES)
class TestErrorPages:
    def test_a_recruiter_is_told_what_happened_and_where_to_go(
        self, client: FlaskClient, status: int
    ) -> None:
        page = client.get(f"/status/{status}").text
        assert f"Error {status}" in page
        assert 'href="/"' in page

    def test_a_candidate_meets_the_company_and_no_dashboard(
        self, client: FlaskClient, status: int
    ) -> None:
        page = client.get(f"/i/status/{status}").text
        assert "Northwind" in page
        assert "Go to the start page" not in page
        assert 'class="logo"' not in page

    def test_no_page_asks_who_is_signed_in(self, client: FlaskClient, status: int) -> None:
        assert "Priya" not in client.get(f"/status/{status}").text
        assert "Set-Cookie" not in client.get(f"/status/{status}").headers


@pytest.fixture
def client() -> FlaskClient:
    return gallery_app().test_client()
