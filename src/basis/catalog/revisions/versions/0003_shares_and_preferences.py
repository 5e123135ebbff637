"""Sharing single records, and what users prefer."""

import sqlalchemy as sa
from alembic import op

from basis.db import Id

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("principal_id", Id(), nullable=False),
        sa.Column("entity", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "principal_id", name="pk_share"),
    )
    op.create_index("ix_share_principal", "share", ["principal_id", "entity"])
    op.create_table(
        "preference",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_preference"),
    )
