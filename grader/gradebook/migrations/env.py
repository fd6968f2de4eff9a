"""Run by Alembic: brings the database behind a connection to a version. It is given the connection of whoever asks."""

from alembic import context

from grader.gradebook.tables import METADATA
from grader.gradebook.versions import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot change a column in place
)
with context.begin_transaction():
    context.run_migrations()
