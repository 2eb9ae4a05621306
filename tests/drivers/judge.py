"""Connects with the real Python drivers, and with libpq itself, and says what came of it.

Reads one JSON object a line, {"driver": ..., "text": ..., "code": ..., "variables": {...}}, and answers each with one line:
{"user", "database", "application_name", "tls"} where it connected, {"error", "class"} where it did
not, and in either case {"asked": [...]}, what the driver asked of the lab's network (see route.c).
"""

import asyncio
import ctypes
import glob
import json
import os
import sys

LOG = os.environ["LAB_LOG"]
PATIENCE = 8

QUESTION = (
    "select session_user::text, current_database()::text, current_setting('application_name'),"
    " (select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid())"
)


def answer(row):
    row = [value.decode() if isinstance(value, bytes) else value for value in row]
    return {"user": row[0], "database": row[1], "application_name": row[2], "tls": row[3] in (True, "t")}


def libpq_library(version):
    if version in (None, "18"):
        import psycopg  # noqa: F401, must come before its binary part
        import psycopg_binary

        return glob.glob(os.path.dirname(psycopg_binary.__file__) + "/../psycopg_binary.libs/libpq-*")[0]
    if version == "17":
        import psycopg2

        return glob.glob(os.path.dirname(psycopg2.__file__) + "/../psycopg2_binary.libs/libpq-*")[0]
    if version == "16":
        return os.environ["DBHARDEN_LIBPQ16"]
    return "libpq.so.5"


LIBRARIES = {}


def library(version):
    if version not in LIBRARIES:
        lib = ctypes.CDLL(libpq_library(version))
        for name in ("PQerrorMessage", "PQgetvalue"):
            getattr(lib, name).restype = ctypes.c_char_p
        for name in ("PQconnectdb", "PQexec"):
            getattr(lib, name).restype = ctypes.c_void_p
        LIBRARIES[version] = lib
    return LIBRARIES[version]


class Refused(Exception):
    pass


def libpq(version, text, arguments):
    lib = library(version)
    connection = ctypes.c_void_p(lib.PQconnectdb(text.encode()))
    try:
        if lib.PQstatus(connection) != 0:
            raise Refused(lib.PQerrorMessage(connection).decode("utf-8", "replace"))
        result = ctypes.c_void_p(lib.PQexec(connection, QUESTION.encode()))
        if not lib.PQntuples(result):
            raise Refused(lib.PQerrorMessage(connection).decode("utf-8", "replace"))
        return answer([lib.PQgetvalue(result, 0, i).decode("utf-8", "replace") for i in range(4)])
    finally:
        lib.PQfinish(connection)


def psycopg2(version, text, arguments):
    import psycopg2

    connection = psycopg2.connect(text)
    try:
        cursor = connection.cursor()
        cursor.execute(QUESTION)
        return answer(cursor.fetchone())
    finally:
        connection.close()


def psycopg(version, text, arguments):
    import psycopg

    with psycopg.connect(text) as connection:
        return answer(connection.execute(QUESTION).fetchone())


def asyncpg(version, text, arguments):
    import asyncpg

    async def run():
        connection = await asyncio.wait_for(asyncpg.connect(text, **arguments), PATIENCE)
        try:
            return answer(await connection.fetchrow(QUESTION))
        finally:
            connection.terminate()

    return asyncio.run(run())


def sqlalchemy(dialect):
    def judge(version, text, arguments):
        import sqlalchemy
        from sqlalchemy.pool import NullPool

        if text.startswith("postgresql://"):
            text = f"postgresql+{dialect}://" + text[len("postgresql://") :]
        if dialect == "asyncpg":
            from sqlalchemy.ext.asyncio import create_async_engine

            async def run():
                engine = create_async_engine(text, poolclass=NullPool, connect_args=arguments)
                async with engine.connect() as connection:
                    return answer((await connection.execute(sqlalchemy.text(QUESTION))).fetchone())

            return asyncio.run(asyncio.wait_for(run(), PATIENCE))
        engine = sqlalchemy.create_engine(text, poolclass=NullPool, connect_args=arguments)
        with engine.connect() as connection:
            return answer(connection.execute(sqlalchemy.text(QUESTION)).fetchone())

    return judge


JUDGES = {
    "libpq": libpq,
    "psycopg2": psycopg2,
    "psycopg": psycopg,
    "asyncpg": asyncpg,
    "sqlalchemy+psycopg2": sqlalchemy("psycopg2"),
    "sqlalchemy+psycopg": sqlalchemy("psycopg"),
    "sqlalchemy+asyncpg": sqlalchemy("asyncpg"),
    "sqlalchemy+pg8000": sqlalchemy("pg8000"),
}


def split(driver):
    if "@" not in driver:
        return driver, None
    library, rest = driver.split("@")
    version, plus, dialect = rest.partition("+")
    return library + plus + dialect, version


def judge(driver, text, code, variables):
    name, version = split(driver)
    open(LOG, "w").close()
    os.environ.update(variables)
    try:
        names = {"connect_args": {}}
        exec(code or "", names)
        result = JUDGES[name](version, text, names["connect_args"])
    except BaseException as error:
        result = {"class": type(error).__name__, "error": str(error)}
    for variable in variables:
        del os.environ[variable]
    with open(LOG, errors="replace") as log:
        result["asked"] = [line for line in log.read().split("\n") if line]
    return result


def main():
    for line in sys.stdin:
        question = json.loads(line)
        answer = judge(question["driver"], question["text"], question.get("code"), question.get("variables") or {})
        print(json.dumps(answer), flush=True)


main()
