"""What the setup pane says about deployments, the sandbox and the models."""

from __future__ import annotations

from dataclasses import replace

from app.connections.types import Model
from app.playground.facts import ProviderFacts, SandboxFacts, ServerFacts, WeightsFacts
from app.playground.views.deployments import default_deployment, deployment_groups, deployment_hint
from app.playground.views.notices import ModelNotice, model_notices
from app.playground.views.setup import sandbox_hint

SANDBOX = SandboxFacts("namespaces")
READY = ServerFacts(SANDBOX, WeightsFacts("ready"), "small")
FETCHING = ServerFacts(SANDBOX, WeightsFacts("fetching", 250_000_000, 1_000_000_000), "small")


def model(model_id: str, owner: str = "OpenAI") -> Model:
    return Model(id=model_id, object="model", created=0, owned_by=owner)


def test_the_built_in_model_is_called_a_small_demo_model() -> None:
    groups = deployment_groups([model("gpt-4o"), model("small", "local")], READY)
    assert [(group.label, group.options[0].id, group.options[0].note) for group in groups] == [
        ("OpenAI", "gpt-4o", ""),
        ("Built in", "small", "small demo model"),
    ]


def test_a_deployment_that_nobody_offers_says_so() -> None:
    assert "Not offered here" in deployment_hint([model("gpt-4o")], READY, "gpt-4-1106-preview")


def test_a_model_on_its_way_can_be_chosen_already() -> None:
    assert deployment_groups([], FETCHING)[0].options[0].note == "small demo model, not here yet"
    assert deployment_hint([model("gpt-4o")], FETCHING, "small") == ""
    assert default_deployment([], FETCHING) == "small"
    assert default_deployment([model("gpt-4o")], FETCHING) == "gpt-4o"
    assert default_deployment([], ServerFacts(SANDBOX, WeightsFacts("off"))) == ""


def test_the_hint_says_how_to_connect_a_better_model() -> None:
    assert "To connect a better one, set OPENAI_API_KEY" in deployment_hint([model("small", "local")], READY, "small")
    assert "No model is configured." in deployment_hint([], READY, "")
    assert deployment_hint([model("gpt-4o")], READY, "gpt-4o") == ""


def test_the_sandbox_is_told_in_plain_words_or_why_there_is_none() -> None:
    assert "shut off from the network" in sandbox_hint(SANDBOX)
    assert "namespaces" not in sandbox_hint(SANDBOX)
    assert "is being tried" in sandbox_hint(SandboxFacts(None, "The sandbox has not been tried yet.", is_tried=False))
    assert "Nothing confines it" in sandbox_hint(SandboxFacts("unsafe"))
    assert sandbox_hint(SandboxFacts(None, "no user namespaces.")).endswith("no user namespaces.")


def shown(notice: ModelNotice | None) -> ModelNotice:
    assert notice is not None
    return notice


def test_weights_on_their_way_show_progress_and_other_providers_above_the_composer() -> None:
    notice = shown(model_notices(FETCHING).chat)
    assert (notice.progress_percent, notice.text[:18]) == (25, "250 of 1,000 MB. I")
    assert "OPENAI_API_KEY" in notice.lines[0]


def test_where_another_model_answers_the_weights_are_a_matter_of_the_setup() -> None:
    notices = model_notices(replace(FETCHING, default_model="gpt-4o"))
    assert notices.chat is None
    assert shown(notices.setup).progress_percent == 25


def test_weights_that_are_missing_or_failed_are_explained() -> None:
    assert shown(model_notices(ServerFacts(SANDBOX, WeightsFacts("absent"))).chat).tone == "warn"
    failed = shown(model_notices(ServerFacts(SANDBOX, WeightsFacts("failed", reason="The disk is full."))).chat)
    assert (failed.tone, failed.text) == ("bad", "The disk is full.")


def test_providers_that_are_down_are_named_in_the_setup() -> None:
    down = ProviderFacts("Azure OpenAI", is_up=False, reason="The key is refused.")
    other = ProviderFacts("Ollama", is_up=False, reason="No answer.")
    notices = model_notices(replace(READY, providers=(down, other, ProviderFacts("OpenAI"))))
    notice = shown(notices.setup)
    assert (notice.text, notice.lines) == ("Azure OpenAI: The key is refused.", ("Ollama: No answer.",))
    assert (notices.chat, model_notices(READY).setup) == (None, None)
