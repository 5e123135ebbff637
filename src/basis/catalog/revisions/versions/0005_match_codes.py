"""Match codes, by which records that may be one find each other."""

import sqlalchemy as sa
from alembic import op

from basis.db import Id

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "match_code",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("entity", sa.String(length=100), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "rule", name="pk_match_code"),
    )
    op.create_index("ix_match_code_code", "match_code", ["entity", "rule", "code"])
