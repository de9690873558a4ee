"""Tables of people; secrets are kept as SHA-256 of 256 random bits, which needs no salt."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("subject", String(512), unique=True),
    Column("created_at", Double, nullable=False),
)
"""`subject` is the issuer and the subject of an identity provider, where one vouches for the person."""

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("sign_ins_by_person", "person_id"),
)
"""Browsers in which somebody is signed in."""

invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("expires_at", Double, nullable=False),
)
"""Links that sign somebody in once."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("hint", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Index("api_keys_by_person", "person_id"),
)
"""Keys of people's programs; `hint` is what a person may see of one."""

thread_links = Table(
    "thread_links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner_id", String(64), nullable=False),
    Column("connection", Text, nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("thread_links_by_thread", "thread_id"),
)
"""Links that let anybody read a thread for a while."""

person_limits = Table(
    "person_limits",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("runs_at_once", Integer),
    Column("runs_per_minute", Integer),
    Column("storage_mb", Integer),
    Column("upload_mb", Integer),
)
"""What people may take; without an id what everybody may take who is not named. NULL is no limit."""
