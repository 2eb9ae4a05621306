"""Provokes one failure with a real driver and prints what a user would see.

`provoke.py KIND ARGUMENTS...`: the traceback goes to stdout; nothing is printed where nothing fails.
`provoke.py -` reads many cases as JSON, `[KIND, ARGUMENTS...]`, and prints all tracebacks as JSON.
"""

import asyncio
import json
import os
import sys
import traceback


def psycopg2(dsn, *statements):
    import psycopg2

    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def psycopg(dsn, *statements):
    import psycopg

    with psycopg.connect(dsn) as connection:
        for statement in statements:
            connection.execute(statement)


def asyncpg(dsn, *statements):
    import asyncpg

    async def run():
        connection = await asyncpg.connect(dsn, timeout=5)
        for statement in statements:
            await connection.execute(statement)

    asyncio.run(run())


def sqlalchemy(url, *statements):
    from sqlalchemy import create_engine, text

    with create_engine(url).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def sqlalchemy_async(url, *statements):
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    async def run():
        async with create_async_engine(url).connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    asyncio.run(run())


def pool_exhausted(url):
    from sqlalchemy import create_engine

    engine = create_engine(url, pool_size=1, max_overflow=1, pool_timeout=0.2)
    held = [engine.connect(), engine.connect()]
    engine.connect()
    del held


def pool_size_text(url):
    from sqlalchemy import create_engine

    create_engine(url, pool_size=os.environ.get("UNSET_POOL_SIZE", "5"))


def max_overflow_text(url):
    from sqlalchemy import create_engine

    engine = create_engine(url, pool_size=1, max_overflow="10")
    held = [engine.connect(), engine.connect()]
    del held


def null_pool(url):
    from sqlalchemy import NullPool, create_engine

    create_engine(url, poolclass=NullPool, pool_size=5, max_overflow=10, pool_timeout=30)


def async_queue_pool(url):
    from sqlalchemy import QueuePool
    from sqlalchemy.ext.asyncio import create_async_engine

    create_async_engine(url, poolclass=QueuePool)


def stale(url, admin_url):
    """Ends the pooled session behind the pool's back and uses it again."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
    admin = create_engine(admin_url)
    with admin.connect() as connection:
        connection.execute(text(f"select pg_terminate_backend({pid}, 5000)"))
    with engine.connect() as connection:
        connection.execute(text("select 1"))


def forked(url):
    """Uses one TLS connection from two processes."""
    from sqlalchemy import create_engine, text

    connection = create_engine(url).connect()
    child = os.fork()
    for _ in range(50):
        connection.execute(text("select repeat('x', 20000)"))
    if child == 0:
        os._exit(0)


def configparser_percent(url):
    from configparser import ConfigParser

    parser = ConfigParser()
    parser.add_section("alembic")
    parser.set("alembic", "sqlalchemy.url", url)


def prepared_twice(url):
    """Prepares under the driver's own names on one server session from two clients of a pooler."""
    import psycopg

    first = psycopg.connect(url, prepare_threshold=0, autocommit=True)
    second = psycopg.connect(url, prepare_threshold=0, autocommit=True)
    for _ in range(3):
        first.execute("select 1")
        second.execute("select 2")


def hold(url, count):
    """Opens sessions until one is refused."""
    import psycopg2

    held = [psycopg2.connect(url) for _ in range(int(count))]
    del held


def settled(url, *statements):
    """Waits for a connection that psycopg never limits, as an application does."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def after_a_moment(url, *statements):
    """Asks once more when the server has ended the session."""
    import time

    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
        time.sleep(0.5)
        connection.execute("select 1")


def without(module, url):
    """Makes an engine where a driver is not installed."""
    import builtins

    from sqlalchemy import create_engine

    real = builtins.__import__

    def missing(name, scope=None, names=None, wanted=(), level=0):
        if level == 0 and name.split(".")[0] == module:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return real(name, scope, names, wanted, level)

    builtins.__import__ = missing
    try:
        create_engine(url)
    finally:
        builtins.__import__ = real


def provoked(kind, *arguments):
    try:
        globals()[kind](*arguments)
    except BaseException:
        return traceback.format_exc()
    return ""


def main():
    if sys.argv[1] == "-":
        print(json.dumps([provoked(*case) for case in json.load(sys.stdin)]))
    elif text := provoked(*sys.argv[1:]):
        print(text)


main()
