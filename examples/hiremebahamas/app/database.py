"""The synchronous engine: SQLAlchemy on psycopg2."""

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
