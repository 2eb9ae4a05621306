"""A FastAPI application with a SQLAlchemy pool, as the specification's own: `app.py PORT`."""

import logging
import os
import sys
import time

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from sqlalchemy import create_engine, text

POOL_SIZE, MAX_OVERFLOW, POOL_RECYCLE = 5, 10, 1800

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
engine = create_engine(
    os.environ["DATABASE_URL"],
    pool_size=POOL_SIZE,
    max_overflow=MAX_OVERFLOW,
    pool_recycle=POOL_RECYCLE,
    pool_timeout=1,
    pool_pre_ping=True,
)
logging.info(
    "Database engine initialized: pool_size=%s, max_overflow=%s, connect_timeout=5s, pool_recycle=%ss",
    POOL_SIZE,
    MAX_OVERFLOW,
    POOL_RECYCLE,
)
held = []
app = FastAPI()


def numbers():
    pool = engine.pool
    return {
        "pool_size": pool.size(),
        "checked_in": pool.checkedin(),
        "checked_out": pool.checkedout(),
        "overflow": pool.overflow(),
        "max_overflow": MAX_OVERFLOW,
        "pool_recycle_seconds": POOL_RECYCLE,
    }


@app.get("/health/detailed")
def detailed():
    return {"status": "healthy", "database": {"status": "healthy", "pool": numbers()}}


@app.get("/health/line")
def line():
    return {"pool": engine.pool.status()}


@app.get("/health")
def plain():
    return PlainTextResponse("ok")


@app.get("/metrics")
def metrics():
    lines = [f"sqlalchemy_{name.removeprefix('pool_')} {value}" for name, value in numbers().items()]
    return PlainTextResponse("\n".join(lines).replace("sqlalchemy_", "sqlalchemy_pool_") + "\n")


@app.get("/health/ready")
def ready():
    """Takes a connection, as careless endpoints do."""
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1"))
    except Exception:
        logging.exception("not ready")
        return JSONResponse({"status": "unhealthy"}, status_code=503)
    return {"status": "healthy", "pool": numbers()}


@app.get("/health/slow")
def slow():
    time.sleep(1.2)
    return detailed()


@app.get("/health/lying")
def lying():
    return {"status": "unhealthy", "pool": {**numbers(), "checked_out": 99}}


@app.get("/health/moved")
def moved():
    return RedirectResponse("/health/detailed")


# What the tool advises to add to an endpoint, as it advises it.
if advice := os.environ.get("ADVICE"):
    exec("def advised():\n    " + advice.replace("; ", "\n    "))
    app.get("/health/advised")(advised)


@app.get("/leak/{count}")
def leak(count: int):
    for _ in range(count):
        held.append(engine.connect())
    return len(held)


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
