"""Alembic's entry: runs on the connection that ``store.open`` hands over."""

from alembic import context

from feedback_nlp.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # on SQLite too: ``store.open`` begins real transactions
)
with context.begin_transaction():
    context.run_migrations()
