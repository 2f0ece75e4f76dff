"""What was deleted is taken out of the files of SQLite, too.

The file itself is written over at once (`PRAGMA secure_delete`, core/database.py). Two places keep words for a while:
an index of search keeps those of deleted rows in its segments until they are merged, and the write-ahead log keeps old
pages until it begins anew. On PostgreSQL rows that are gone are cleared by VACUUM.
"""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Table

from portal.core.database import Database


def wipe(database: Database, *indexes: Table) -> bool:
    """Merge the segments of these indexes of search, and empty the write-ahead log.

    False when it could not be emptied at this moment, because somebody reads what it holds.
    """
    if database.engine.dialect.name != "sqlite":
        return True
    with closing(database.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        for index in indexes:
            cursor.execute(f"INSERT INTO {index.name}_fts ({index.name}_fts) VALUES ('optimize')")  # noqa: S608  # our own name
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
    return answer is not None and not answer[0]
