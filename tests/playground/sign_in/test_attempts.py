"""Who tries passwords is slowed down, and nobody else."""

from __future__ import annotations

import pytest

from app.errors import RateLimited
from app.playground.sign_in.attempts import Attempts


@pytest.mark.parametrize("address", ["203.0.113.{}", "2001:db8:0:{}::1", "::ffff:203.0.113.{}"])
def test_each_address_has_attempts_of_its_own(address: str) -> None:
    attempts = Attempts()
    for number in range(100):
        attempts.check(address.format(number))


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::{}", "no address"])
def test_the_addresses_of_one_house_are_one(address: str) -> None:
    attempts = Attempts()
    for number in range(20):
        attempts.check(address.format(number))
    with pytest.raises(RateLimited):
        attempts.check(address.format(21))


def test_many_addresses_do_not_make_the_others_forgotten() -> None:
    attempts = Attempts()
    for number in range(9_000):
        attempts.check(f"198.51.{number // 256}.{number % 256}")
    for _ in range(20):
        attempts.check("203.0.113.7")
    for number in range(5_000):
        attempts.check(f"192.0.{number // 256}.{number % 256}")
    with pytest.raises(RateLimited):
        attempts.check("203.0.113.7")
