"""Imports modules with the functions that make engines recorded, and prints every argument.

Reads a JSON list of runs from stdin: {"dir", "module", "call", "env"}; prints one JSON list: for each
run {"calls": [{"path", "line", "arguments"}], "raised": name or null}. Each run is a fork of its own.
"""

import importlib
import json
import os
import sys
import traceback
from unittest.mock import MagicMock

import sqlalchemy
import sqlalchemy.engine
import sqlalchemy.engine.create
import sqlalchemy.ext.asyncio
import sqlalchemy.ext.asyncio.engine
import sqlalchemy.pool
from sqlalchemy.engine.default import DefaultDialect

for optional in (
    "sqlmodel", "pydantic", "pydantic_settings", "decouple", "environs", "environ",
    "starlette.config", "dotenv", "flask", "flask_sqlalchemy", "asyncpg", "psycopg", "psycopg2",
    "psycopg2.pool", "psycopg_pool", "fastapi",
):
    try:
        importlib.import_module(optional)
    except ImportError:
        pass


def plain(value):
    if value is None or isinstance(value, (bool, int, float)):
        return {"plain": value}
    if isinstance(value, str):
        return {"text": value}
    return {"object": getattr(value, "__name__", type(value).__name__)}


def flatten(prefix, value, into, depth=0):
    if isinstance(value, dict) and depth < 4:
        into[prefix] = {"object": "dict"}
        for key, inner in value.items():
            if isinstance(key, str):
                flatten(f"{prefix}.{key}", inner, into, depth + 1)
    else:
        into[prefix] = plain(value)


def recorder(folder, calls, first, skip=0):
    def record(*positional, **keywords):
        if keywords.pop("_coerce_config", False):
            for key, convert in DefaultDialect.engine_config_types.items():
                if key in keywords:
                    keywords[key] = convert(keywords[key])
        frame = sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(folder):
            frame = frame.f_back
        arguments = {}
        for key, value in keywords.items():
            if key not in (first, "_coerce_config", "_initialize"):
                flatten(key, value, arguments)
        url = positional[0] if positional else keywords.get(first)
        if hasattr(url, "render_as_string"):
            url = url.render_as_string(hide_password=False)
        calls.append({
            "path": os.path.relpath(frame.f_code.co_filename, folder) if frame else "?",
            "line": frame.f_lineno if frame else 0,
            "url": url if isinstance(url, str) else None,
            "arguments": arguments,
        })
        return MagicMock()
    return record


def record_flask(folder, calls):
    """Records what Flask-SQLAlchemy hands to the engine, at the line that makes its object."""
    extension = sys.modules.get("flask_sqlalchemy.extension")
    if extension is None:
        return
    base = extension.SQLAlchemy
    first = base.__init__

    def init(self, *positional, **keywords):
        frame = sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(folder):
            frame = frame.f_back
        self.judged = (os.path.relpath(frame.f_code.co_filename, folder), frame.f_lineno)
        first(self, *positional, **keywords)

    def make(self, bind_key, options, app):
        arguments = {}
        for key, value in options.items():
            if key not in ("url", "echo", "echo_pool"):
                flatten(key, value, arguments)
        url = options.get("url")
        if hasattr(url, "render_as_string"):
            url = url.render_as_string(hide_password=False)
        calls.append({"path": self.judged[0], "line": self.judged[1], "url": url, "arguments": arguments})
        return MagicMock()

    base.__init__ = init
    base._make_engine = make


def run(job):
    folder = os.path.realpath(job["dir"])
    os.environ.clear()
    os.environ.update(job["env"])
    os.chdir(folder)
    sys.path.insert(0, folder)
    calls = []
    engine = recorder(folder, calls, "url")
    for module in (sqlalchemy, sqlalchemy.engine, sqlalchemy.engine.create, sys.modules.get("sqlmodel")):
        if module is not None:
            module.create_engine = engine
    for module in (sqlalchemy.ext.asyncio, sqlalchemy.ext.asyncio.engine):
        module.create_async_engine = engine
    record_flask(folder, calls)
    for name, attribute, first in (
        ("asyncpg", "create_pool", "dsn"), ("asyncpg", "connect", "dsn"),
        ("psycopg2", "connect", "dsn"), ("psycopg", "connect", "conninfo"),
        ("psycopg_pool", "ConnectionPool", "conninfo"), ("psycopg_pool", "AsyncConnectionPool", "conninfo"),
    ):
        module = sys.modules.get(name)
        if module is not None:
            setattr(module, attribute, recorder(folder, calls, first))
    raised = None
    try:
        module = importlib.import_module(job["module"])
        for name in filter(None, (job["call"] or "").split()):
            value = module
            for part in name.split("."):
                value = getattr(value, part)
            result = value()
            if hasattr(result, "send"):
                try:
                    result.send(None)
                except StopIteration:
                    pass
    except BaseException as error:
        raised = type(error).__name__
        if os.environ.get("JUDGE_TRACE"):
            traceback.print_exc()
    return {"calls": calls, "raised": raised}


def main():
    results = []
    for job in json.load(sys.stdin):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            sys.stdout = open(os.devnull, "w")
            if not os.environ.get("JUDGE_STDERR"):
                sys.stderr = open(os.devnull, "w")
            with os.fdopen(writer, "w") as out:
                json.dump(run(job), out)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        results.append(json.loads(text) if text else {"calls": [], "raised": "died"})
    json.dump(results, sys.stdout)


main()
