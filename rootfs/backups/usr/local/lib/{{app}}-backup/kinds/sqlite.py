# Copies and reads the SQLite databases in a directory. Runs as the app's user, with the Python of the server.
#   sqlite.py copy FROM TO     replaces each database in TO, a copy of FROM by files, with a copy by the online backup API
#   sqlite.py read DIRECTORY   checks each database in full and prints {name, rows} of each table as one JSON array
# Exit codes: 1 the data is bad. FROM belongs to the app, which can put a link at any path below it at any moment: a link may
# lead to a file of another app that has the same user, so a database counts only if its open files are below FROM.
import json
import os
import sqlite3
import sys
import time

MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-shm", "-journal")
STEP_PAGES = 2000
STEPWISE_SECONDS = 120


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def databases(directory):
    for folder, _, names in os.walk(directory):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                if file.read(len(MAGIC)) == MAGIC:
                    yield path


def open_files():
    for name in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass


def copy_pages(source, target):
    """In steps, so that a writer waits only for one. A busy writer makes the copy start again: then in one step."""
    end = time.monotonic() + STEPWISE_SECONDS

    def progress(status, remaining, total):
        if time.monotonic() > end:
            raise TimeoutError

    in_one_step = source.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    try:
        source.backup(target, pages=-1 if in_one_step else STEP_PAGES, progress=progress, sleep=0.01)
    except TimeoutError:
        source.backup(target, pages=-1)


def copy_database(live, copy):
    before = set(open_files())
    with_uri = "file:%s?mode=rw" % live.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    source = sqlite3.connect(with_uri, uri=True, timeout=60)
    target = sqlite3.connect(copy + ".new")
    source.execute("PRAGMA schema_version").fetchone()
    copy_pages(source, target)
    opened = set(open_files()) - before
    target.close()
    beside = os.path.dirname(live) + "/"
    strange = [path for path in opened if not path.startswith(beside) and not path.startswith(copy)]
    source.close()
    if strange:
        fail("%s is a link, and a backup holds only files and directories: remove it" % live)
    os.replace(copy + ".new", copy)


def copy_all(live, copy):
    for path in list(databases(copy)):
        for ending in COMPANIONS:
            if os.path.exists(path + ending):
                os.unlink(path + ending)
        original = os.path.join(live, os.path.relpath(path, copy))
        if not os.path.exists(original):
            os.unlink(path)
            continue
        try:
            copy_database(original, path)
        except sqlite3.Error as error:
            fail("%s: %s" % (os.path.relpath(path, copy), error))


def read_database(path, name):
    uri = "file:%s?mode=ro&immutable=1" % path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(uri, uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError(found[0])
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    for (table,) in tables.fetchall():
        rows = connection.execute('SELECT count(*) FROM "%s"' % table.replace('"', '""')).fetchone()[0]
        yield {"name": "%s:%s" % (name, table), "rows": rows}
    connection.close()


def read_all(directory):
    tables, count = [], 0
    for path in databases(directory):
        count += 1
        name = os.path.relpath(path, directory)
        try:
            tables.extend(read_database(path, name))
        except sqlite3.Error as error:
            fail("database %s: %s" % (name, error))
    if count == 0:
        fail("no databases found; refusing to back up")
    print(json.dumps(tables))


if __name__ == "__main__":
    {"copy": copy_all, "read": read_all}[sys.argv[1]](*sys.argv[2:])
