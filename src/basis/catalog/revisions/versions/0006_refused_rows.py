"""Refusals of an import know their row: its line, its cells and what is wrong with each."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("refusal", sa.Column("line", sa.Integer(), nullable=True))
    op.add_column("refusal", sa.Column("again", sa.Integer(), nullable=True))
    op.add_column("refusal", sa.Column("detail", sa.Text(), nullable=True))
