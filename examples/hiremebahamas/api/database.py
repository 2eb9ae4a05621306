"""Deprecated: use api.backend_app.database. Kept for scripts that still import it."""

import os
import warnings

from sqlalchemy.ext.asyncio import create_async_engine

warnings.warn(
    "api.database is deprecated: use api.backend_app.database", DeprecationWarning, stacklevel=2
)

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1),
    pool_pre_ping=True,
    pool_recycle=int(os.getenv("DB_POOL_RECYCLE", "1800")),
    pool_size=int(os.getenv("DB_POOL_SIZE", "5")),
    max_overflow=int(os.getenv("DB_MAX_OVERFLOW", "10")),
    pool_timeout=int(os.getenv("DB_POOL_TIMEOUT", "30")),
    connect_args={
        "ssl": "require",
        "timeout": 5,
        "server_settings": {"application_name": "hiremebahamas"},
    },
)
