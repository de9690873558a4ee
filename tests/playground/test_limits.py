"""Limits as a person meets them: a sentence at the composer, and the message is kept."""

from __future__ import annotations

from pathlib import Path

from app.main import create_app
from tests.live import quiet_settings, serve
from tests.playground.visitor import Visitor, parsed


def test_a_run_too_many_is_explained_at_the_composer(tmp_path: Path) -> None:
    settings = quiet_settings(tmp_path, PERSON_RUNS_PER_MINUTE=1)
    with serve(create_app(settings)) as url, Visitor(url) as visitor:
        visitor.open("/")
        assistant = visitor.client.post("/v1/assistants", json={"model": "nobody-serves-this"}).json()["id"]
        visitor.send("assistant", assistant_id=assistant)
        visitor.run("first")
        refused = parsed(visitor.send("messages", content="second", action="run").text)
        reason = refused.get_element_by_id("composer-error").text_content()
        assert "allows 1 run a minute" in reason
        assert "Try again in" in reason
        visitor.open()
        assert "second" in visitor.text("conversation")
