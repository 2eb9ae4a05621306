"""Reads one JSON string per line; says for each what the real libpq makes of it.

`parse`: PQconninfoParse, through psycopg. `connect`: what PQconnectStart says before it dials, in
an environment of its own.
"""

import json
import os
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
    """Starts a connection in the case's environment and reads what libpq resolved."""
    for name in list(os.environ):
        if name.startswith("PG"):
            del os.environ[name]
    os.environ.update(case["environment"])
    connection = pq.PGconn.connect_start(case["text"].encode())
    refused = connection.status == pq.ConnStatus.BAD
    return {
        "refused": refused,
        "error": connection.error_message.decode(errors="replace"),
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
    }


def main():
    assert pq.version() // 10000 == 18, f"the judge is libpq 18, not {pq.version()}"
    judge = {"parse": parse, "connect": connect}[sys.argv[1]]
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))))


main()
