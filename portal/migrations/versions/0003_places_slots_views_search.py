"""Projects carry their place; slots; views over all projects; what a search reads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('searched',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('row', sa.Uuid(), nullable=False),
    sa.Column('project_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_searched')),
    sa.UniqueConstraint('row', name=op.f('uq_searched_row'))
    )
    with op.batch_alter_table('searched', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_searched_project_id'), ['project_id'], unique=False)

    op.create_table('slot_need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('project_id', sa.Uuid(), nullable=False),
    sa.Column('slots', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_slot_need_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slot_need')),
    sa.UniqueConstraint('project_id', name=op.f('uq_slot_need_project_id'))
    )
    with op.batch_alter_table('first_view', schema=None) as batch_op:
        batch_op.alter_column('project_id',
               existing_type=sa.Uuid(),
               nullable=True)

    with op.batch_alter_table('grid_view', schema=None) as batch_op:
        batch_op.alter_column('project_id',
               existing_type=sa.Uuid(),
               nullable=True)

    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.add_column(sa.Column('discussed', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address', sa.String(length=254), server_default='', nullable=False))
        batch_op.alter_column('person_id',
               existing_type=sa.Uuid(),
               nullable=True)

    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', sa.DateTime(timezone=True), server_default='1970-01-01 00:00:00', nullable=False))
        batch_op.add_column(sa.Column('gate', sa.String(length=4), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_project_gate'), ['gate'], unique=False)
        batch_op.create_index('ix_project_stage_since', ['stage', 'since'], unique=False)

    _place()


# As the road and the gates were when this was written.
ROAD = ("idea", "proposed", "feasibility", "transfer", "dossier", "submitted", "running", "closed")
GATES = {
    "G0": "proposed", "G1": "feasibility", "G2": "feasibility", "G3": "feasibility", "G4": "transfer", "G5": "dossier",
    "G6": "submitted", "G7": "running",
}  # fmt: skip
PASSING = ("go", "conditional_go")
DECISION = sa.table(
    "decision", sa.column("project_id", sa.Uuid()), sa.column("serial", sa.Integer()), sa.column("gate", sa.String()),
    sa.column("verdict", sa.String()), sa.column("source", sa.String()), sa.column("target", sa.String()),
    sa.column("at", sa.DateTime(timezone=True)),
)  # fmt: skip
PROJECT = sa.table(
    "project", sa.column("id", sa.Uuid()), sa.column("since", sa.DateTime(timezone=True)), sa.column("gate", sa.String())
)


def _place() -> None:
    """Give each project the gate ahead and the moment since when it stands where its decisions brought it."""
    connection = op.get_bind()
    made: dict[Any, list[Any]] = {}
    for row in connection.execute(sa.select(DECISION).order_by(DECISION.c.project_id, DECISION.c.serial)):
        made.setdefault(row.project_id, []).append(row)
    for project, rows in made.items():
        connection.execute(PROJECT.update().where(PROJECT.c.id == project).values(since=_since(rows), gate=_gate(rows)))


def _gate(rows: list[Any]) -> str:
    passed: set[str] = set()
    order = list(GATES)
    for row in rows:
        if not row.source and row.target in ROAD:
            passed = {g for g, at in GATES.items() if ROAD.index(at) < ROAD.index(row.target)}
        elif row.gate and row.verdict in PASSING:
            passed.add(row.gate)
        elif row.gate and row.target in ROAD:
            passed -= set(order[order.index(row.gate) :])
    return next((g for g, at in GATES.items() if at == rows[-1].target and g not in passed), "")


def _since(rows: list[Any]) -> Any:
    """The beginning of the stage, later by the time beside the road; beside the road, when it left it."""
    if rows[-1].target not in ROAD:
        return next((row.at for row in reversed(rows) if row.source != row.target), rows[-1].at)
    stage, since, left = "", rows[0].at, None
    for row in rows:
        if row.target not in ROAD:
            left = left or row.at
            continue
        if row.target != stage:
            stage, since = row.target, row.at
        elif left is not None:
            since += row.at - left
        left = None
    return since


def downgrade() -> None:
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_index('ix_project_stage_since')
        batch_op.drop_index(batch_op.f('ix_project_gate'))
        batch_op.drop_column('gate')
        batch_op.drop_column('since')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.alter_column('person_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.drop_column('address')

    with op.batch_alter_table('meeting', schema=None) as batch_op:
        batch_op.drop_column('discussed')

    with op.batch_alter_table('grid_view', schema=None) as batch_op:
        batch_op.alter_column('project_id',
               existing_type=sa.Uuid(),
               nullable=False)

    with op.batch_alter_table('first_view', schema=None) as batch_op:
        batch_op.alter_column('project_id',
               existing_type=sa.Uuid(),
               nullable=False)

    op.drop_table('slot_need')
    with op.batch_alter_table('searched', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_searched_project_id'))

    op.drop_table('searched')
