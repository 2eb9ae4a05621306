"""A job board in one file: what the benchmark copies."""

import asyncio
import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import logging
import os

from sqlalchemy import create_engine

logger = logging.getLogger(__name__)

APPLICATION_NAME = "hiremebahamas"

# One DATABASE_URL serves both engines: it names no driver and has no parameters, as psycopg2 and
# asyncpg spell TLS differently. Each engine names its driver and asks for TLS itself.
DATABASE_URL = os.environ["DATABASE_URL"]

POOL_SIZE = int(os.getenv("DB_POOL_SIZE", "5"))  # small on Render
MAX_OVERFLOW = int(os.getenv("DB_MAX_OVERFLOW", "10"))  # a safe burst
POOL_RECYCLE = int(os.getenv("DB_POOL_RECYCLE", "1800"))  # half an hour
POOL_TIMEOUT = int(os.getenv("DB_POOL_TIMEOUT", "30"))

engine = create_engine(
    DATABASE_URL.replace("postgresql://", "postgresql+psycopg2://", 1),
    pool_pre_ping=True,  # replaces a connection that died while it was idle
    pool_recycle=POOL_RECYCLE,
    pool_size=POOL_SIZE,
    max_overflow=MAX_OVERFLOW,
    pool_timeout=POOL_TIMEOUT,
    connect_args={
        "sslmode": "require",
        "application_name": APPLICATION_NAME,
        "connect_timeout": 5,
    },
)

logger.info(
    "Database engine initialized successfully (psycopg2): "
    "pool_size: %s, max_overflow: %s, pool_recycle: %ss",
    POOL_SIZE,
    MAX_OVERFLOW,
    POOL_RECYCLE,
)


logger = logging.getLogger(__name__)

# Each engine opens this many connections at the start, so that the first users do not wait.
WARM_CONNECTIONS = 2

SCHEMA = "create table if not exists jobs (id serial primary key, title text not null)"


def pool_metrics(pool):
    return {
        "pool_size": pool.size(),
        "checked_in": pool.checkedin(),
        "checked_out": pool.checkedout(),
        "overflow": pool.overflow(),
        "max_overflow": pool._max_overflow,
        "pool_recycle_seconds": pool._recycle,
    }


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(health())
        elif self.path == "/jobs":
            with engine.connect() as connection:
                rows = connection.execute(text("select id, title from jobs order by id"))
                self.answer([{"id": row.id, "title": row.title} for row in rows])
        else:
            self.send_error(404)

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        logger.debug(format, *arguments)


def health():
    start = time.monotonic()
    with engine.connect() as connection:
        connection.execute(text("select 1"))
    return {
        "status": "healthy",
        "database": {
            "status": "healthy",
            "response_time_ms": round((time.monotonic() - start) * 1000, 1),
            "pool": pool_metrics(engine.pool),
            "async_pool": pool_metrics(engine.sync_engine.pool),
        },
    }


def warm_up():
    """Opens connections of the synchronous engine, and gives them back together."""
    connections = [engine.connect() for _ in range(WARM_CONNECTIONS)]
    for connection in connections:
        connection.execute(text("select 1"))
        connection.close()


async def warm_up_async():
    """Opens connections of the asynchronous engine, and gives them back together."""
    connections = [await engine.connect() for _ in range(WARM_CONNECTIONS)]
    for connection in connections:
        await connection.execute(text("select 1"))
        await connection.close()


async def main():
    with engine.begin() as connection:
        connection.execute(text(SCHEMA))
    warm_up()
    await warm_up_async()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.getenv("PORT", "8000"))), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    logger.info("Listening on http://127.0.0.1:%s", server.server_port)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.shutdown()
    engine.dispose()
    await engine.dispose()
    logger.info("Stopped")


if __name__ == "__main__":
    asyncio.run(main())
