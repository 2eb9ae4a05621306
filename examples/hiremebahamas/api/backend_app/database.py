"""The asynchronous engine: SQLAlchemy on asyncpg."""

import logging
import os

from sqlalchemy.ext.asyncio import create_async_engine

logger = logging.getLogger(__name__)

APPLICATION_NAME = "hiremebahamas"

DATABASE_URL = os.environ["DATABASE_URL"]

POOL_SIZE = int(os.getenv("DB_POOL_SIZE", "5"))
MAX_OVERFLOW = int(os.getenv("DB_MAX_OVERFLOW", "10"))
POOL_RECYCLE = int(os.getenv("DB_POOL_RECYCLE", "1800"))
POOL_TIMEOUT = int(os.getenv("DB_POOL_TIMEOUT", "30"))

engine = create_async_engine(
    DATABASE_URL.replace("postgresql://", "postgresql+asyncpg://", 1),
    pool_pre_ping=True,
    pool_recycle=POOL_RECYCLE,
    pool_size=POOL_SIZE,
    max_overflow=MAX_OVERFLOW,
    pool_timeout=POOL_TIMEOUT,
    connect_args={
        "ssl": "require",  # asyncpg's word for sslmode
        "timeout": 5,
        # The name goes among the server's settings: asyncpg has no argument for it.
        "server_settings": {"application_name": APPLICATION_NAME},
    },
)

logger.info(
    "Database engine initialized successfully (asyncpg): "
    "pool_size: %s, max_overflow: %s, pool_recycle: %ss",
    POOL_SIZE,
    MAX_OVERFLOW,
    POOL_RECYCLE,
)
