"""What Alembic runs: the migrations, on the connection and in the transaction of whoever called `migrate`."""

from alembic import context

from relay.storage.tables import metadata

connection = context.config.attributes["connection"]
# SQLite can alter little; later versions rebuild a table in a batch where they must.
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
