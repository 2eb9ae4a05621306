"""Reads one JSON string per line; says for each what the real libpq makes of it.

`parse`: PQconninfoParse, through psycopg. `connect`: what PQconnectdb makes of it in an environment of its
own, and whether it came as far as dialling.
"""

import json
import os
import pwd
import sys

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict


def parse(text):
    try:
        return {"accepts": True, "values": conninfo_to_dict(text)}
    except (psycopg.Error, UnicodeError) as error:
        return {"accepts": False, "error": str(error)}


def connect(case):
    """Connects in the case's environment, to where nobody listens, and reads what libpq resolved."""
    for name in list(os.environ):
        if name.startswith("PG"):
            del os.environ[name]
    os.environ.update(case["environment"])
    connection = pq.PGconn.connect(case["text"].encode())
    error = connection.error_message.decode(errors="replace")
    return {
        # A connection that was tried and failed names its server, and so does a bad number.
        "dialled": "connection to server" in error and "invalid integer" not in error,
        "error": error,
        "values": {
            option.keyword.decode(): option.val.decode(errors="replace")
            for option in connection.info
            if option.val is not None
        },
        "host": connection.host.decode(),
        "port": connection.port.decode(),
        "user": connection.user.decode(),
        "dbname": connection.db.decode(),
        "password": connection.password.decode(errors="replace"),
        "os_user": pwd.getpwuid(os.geteuid()).pw_name,
    }


def defaults(_):
    """Lists libpq's keywords with their variables and compiled values."""
    return [
        [None if text is None else text.decode() for text in (option.keyword, option.envvar, option.compiled)]
        for option in pq.Conninfo.get_defaults()
    ]


def main():
    assert pq.version() // 10000 == 18, f"the judge is libpq 18, not {pq.version()}"
    judge = {"parse": parse, "connect": connect, "defaults": defaults}[sys.argv[1]]
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))))


main()
