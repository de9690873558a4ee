from app.ids import CountingIds, RandomIds


def test_random_ids_carry_the_prefix_and_24_characters() -> None:
    made = RandomIds().new("asst_")
    assert made.startswith("asst_")
    assert made.removeprefix("asst_").isalnum()
    assert len(made) == len("asst_") + 24


def test_counting_ids_count_up() -> None:
    ids = CountingIds()
    assert ids.new("run_") < ids.new("run_")
