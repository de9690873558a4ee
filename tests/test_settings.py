from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.__main__ import main
from app.settings import Settings


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT_NAME", "gpt-4o, gpt-4o-mini,")
    assert Settings().azure_openai_deployment_name == ("gpt-4o", "gpt-4o-mini")


def test_empty_values_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert Settings().openai_api_key is None


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "sk-secret" not in repr(Settings())


def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX", "wishful")
    with pytest.raises(ValidationError):
        Settings()


def test_the_command_names_a_wrong_setting_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "many")
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("PORT: ")


@pytest.mark.parametrize("url", ["rubbish", "mysql://me:secret@here/x", "postgresql:here"])
def test_a_database_of_another_kind_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err == "DATABASE_URL: must begin with postgresql:// or sqlite:///.\n"


def test_postgresql_needs_no_driver_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@here/x")
    assert Settings().database == "postgresql+psycopg://me:secret@here/x"


def test_a_database_that_does_not_answer_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    assert main(["migrate"]) == 2
    said = capsys.readouterr().err
    assert "127.0.0.1:1/x can't be migrated" in said
    assert "secret" not in said


def test_commands_make_a_backup_and_restore_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, file = (str(tmp_path / name) for name in ("first", "second", "backup.tar.gz"))
    assert main(["--data-dir", first, "migrate"]) == 0
    assert main(["backup", "--data-dir", first, file]) == 0
    assert main(["restore", "--data-dir", second, file]) == 0
    assert "Restored 0 rows and 0 files." in capsys.readouterr().out
    assert main(["backup", "--data-dir", first, file]) == 2
    assert "exists" in capsys.readouterr().err


def test_an_address_that_others_can_reach_needs_a_way_to_sign_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", "0.0.0.0"]) == 2  # noqa: S104  the refusal is what is tested
    assert "SIGN_IN=link" in capsys.readouterr().err


@pytest.mark.parametrize(("way", "missing"), [("password", "PLAYGROUND_PASSWORD"), ("oidc", "OIDC_ISSUER")])
def test_a_way_to_sign_in_needs_all_its_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str, missing: str
) -> None:
    monkeypatch.setenv("SIGN_IN", way)
    assert main([]) == 2
    assert f"SIGN_IN={way} needs {missing}" in capsys.readouterr().err


def test_a_setting_that_only_shows_its_fault_at_the_start_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUILTIN_MODEL", "hf:nonsense")
    assert main(["--data-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("The server can't start: ")


def test_a_data_folder_that_can_not_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--data-dir", str(tmp_path / "file" / "data")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_a_database_that_can_not_be_opened_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "playground.db").mkdir()
    assert main(["--data-dir", str(tmp_path)]) == 2
    assert "playground.db can't be opened" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOST_RUNS", "0"),
        ("PERSON_RUNS", "-1"),
        ("PERSON_RUNS_PER_MINUTE", "often"),
        ("PERSON_STORAGE_MB", "1.5"),
        ("PERSON_UPLOAD_MB", "-3"),
        ("LOG_FORMAT", "xml"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy.example"),
    ],
)
def test_a_setting_that_means_nothing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{name}: ")
    assert "Input should be" in said or "is no address or network" in said
