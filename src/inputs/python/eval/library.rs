//! What is known of the libraries by name: data, and small questions about it.

/// Python's own functions that are followed.
const BUILTINS: [&str; 32] = [
    "int",
    "float",
    "str",
    "bool",
    "dict",
    "list",
    "tuple",
    "max",
    "min",
    "abs",
    "round",
    "len",
    "getattr",
    "hasattr",
    "setattr",
    "print",
    "isinstance",
    "any",
    "all",
    "sum",
    "super",
    "type",
    "object",
    "set",
    "exec",
    "eval",
    "globals",
    "locals",
    "vars",
    "callable",
    "sorted",
    "open",
];

/// Returns whether a name is one of Python's own.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
        || matches!(
            name,
            "Exception"
                | "ValueError"
                | "KeyError"
                | "RuntimeError"
                | "TypeError"
                | "ImportError"
                | "NotImplementedError"
                | "property"
                | "staticmethod"
                | "classmethod"
                | "range"
                | "enumerate"
                | "zip"
                | "map"
                | "filter"
                | "repr"
                | "id"
                | "iter"
                | "next"
        )
}

/// Names that libraries export from more than one module, and the one that we use.
const CANONICAL: [(&str, &str); 31] = [
    (
        "sqlalchemy.engine.create_engine",
        "sqlalchemy.create_engine",
    ),
    (
        "sqlalchemy.engine.create.create_engine",
        "sqlalchemy.create_engine",
    ),
    (
        "sqlalchemy.future.create_engine",
        "sqlalchemy.create_engine",
    ),
    (
        "sqlalchemy.future.engine.create_engine",
        "sqlalchemy.create_engine",
    ),
    ("sqlmodel.create_engine", "sqlalchemy.create_engine"),
    (
        "sqlalchemy.engine.engine_from_config",
        "sqlalchemy.engine_from_config",
    ),
    (
        "sqlalchemy.engine.create.engine_from_config",
        "sqlalchemy.engine_from_config",
    ),
    (
        "sqlalchemy.ext.asyncio.engine.create_async_engine",
        "sqlalchemy.ext.asyncio.create_async_engine",
    ),
    (
        "sqlmodel.ext.asyncio.create_async_engine",
        "sqlalchemy.ext.asyncio.create_async_engine",
    ),
    (
        "sqlalchemy.ext.asyncio.engine.async_engine_from_config",
        "sqlalchemy.ext.asyncio.async_engine_from_config",
    ),
    ("asyncpg.pool.create_pool", "asyncpg.create_pool"),
    ("asyncpg.connection.connect", "asyncpg.connect"),
    (
        "psycopg_pool.pool.ConnectionPool",
        "psycopg_pool.ConnectionPool",
    ),
    (
        "psycopg_pool.pool_async.AsyncConnectionPool",
        "psycopg_pool.AsyncConnectionPool",
    ),
    ("psycopg.Connection.connect", "psycopg.connect"),
    (
        "psycopg.AsyncConnection.connect",
        "psycopg.AsyncConnection.connect",
    ),
    (
        "psycopg2.pool.AbstractConnectionPool",
        "psycopg2.pool.SimpleConnectionPool",
    ),
    (
        "flask_sqlalchemy.extension.SQLAlchemy",
        "flask_sqlalchemy.SQLAlchemy",
    ),
    ("flask.app.Flask", "flask.Flask"),
    (
        "flask.ext.sqlalchemy.SQLAlchemy",
        "flask_sqlalchemy.SQLAlchemy",
    ),
    ("sqlalchemy.engine.url.make_url", "sqlalchemy.make_url"),
    ("sqlalchemy.engine.make_url", "sqlalchemy.make_url"),
    ("sqlalchemy.engine.url.URL", "sqlalchemy.URL"),
    ("sqlalchemy.engine.URL", "sqlalchemy.URL"),
    ("sqlalchemy.engine.url.URL.create", "sqlalchemy.URL.create"),
    ("sqlalchemy.engine.URL.create", "sqlalchemy.URL.create"),
    ("quart_sqlalchemy.SQLAlchemy", "quart_sqlalchemy.SQLAlchemy"),
    ("os.environb", "os.environ"),
    ("typing_extensions.cast", "typing.cast"),
    ("starlette.config.Config", "starlette.config.Config"),
    ("environ.environ.Env", "environ.Env"),
];

/// Returns the name under which a library's name is known here.
pub(in crate::inputs::python) fn canonical(name: &str) -> &str {
    CANONICAL
        .iter()
        .find(|(other, _)| *other == name)
        .map_or(name, |(_, canonical)| canonical)
}

/// The names that make an engine, a pool or a connection.
const ENGINES: [&str; 17] = [
    "sqlalchemy.create_engine",
    "sqlalchemy.engine_from_config",
    "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlalchemy.ext.asyncio.async_engine_from_config",
    "asyncpg.create_pool",
    "asyncpg.connect",
    "psycopg_pool.ConnectionPool",
    "psycopg_pool.AsyncConnectionPool",
    "psycopg_pool.NullConnectionPool",
    "psycopg_pool.AsyncNullConnectionPool",
    "psycopg2.connect",
    "psycopg2.pool.SimpleConnectionPool",
    "psycopg2.pool.ThreadedConnectionPool",
    "psycopg2.pool.PersistentConnectionPool",
    "psycopg.connect",
    "psycopg.AsyncConnection.connect",
    "flask_sqlalchemy.SQLAlchemy",
];

/// Returns whether a name makes an engine, a pool or a connection.
pub(in crate::inputs::python) fn is_engine(name: &str) -> bool {
    ENGINES.contains(&name)
}

/// Returns whether a library's name makes an engine, under any name that it has, or holds one that
/// does: `sqlalchemy.ext` does.
pub(in crate::inputs::python) fn leads_to_engine(name: &str) -> bool {
    let holds = |engine: &str| {
        let rest = engine.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut others = CANONICAL.iter().filter(|(_, name)| is_engine(name));
    ENGINES.iter().any(|engine| holds(engine)) || others.any(|(other, _)| holds(other))
}

/// Returns whether a class is an engine itself, so that a project's subclass of it is one.
pub(super) fn engine_base(name: &str) -> bool {
    is_engine(name)
        && name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.starts_with(char::is_uppercase))
}

/// Returns whether a base class adds nothing to what its subclass says.
pub(super) fn is_plain_base(name: &str) -> bool {
    matches!(
        name,
        "builtins.object" | "abc.ABC" | "typing.Protocol" | "typing.Generic"
    ) || name.starts_with("typing.")
        || name.starts_with("typing_extensions.")
}

/// Returns whether a name declares a model's field.
pub(super) fn is_field(name: &str) -> bool {
    matches!(
        name,
        "pydantic.Field"
            | "pydantic.fields.Field"
            | "pydantic.v1.Field"
            | "dataclasses.field"
            | "attr.ib"
            | "attrs.field"
            | "attr.field"
            | "sqlmodel.Field"
    )
}

/// Returns whether calling a library's name makes an object that is worth following.
pub(super) fn is_made(name: &str) -> bool {
    is_field(name)
        || matches!(
            name,
            "flask.Flask"
                | "quart.Quart"
                | "decouple.Config"
                | "decouple.AutoConfig"
                | "starlette.config.Config"
                | "environs.Env"
                | "environ.Env"
                | "environs.FileAwareEnv"
                | "environ.FileAwareEnv"
                | "fastapi.Depends"
                | "fastapi.params.Depends"
        )
        || name.ends_with(".AliasChoices")
        || name.starts_with("ssl.")
        || name.starts_with("sqlalchemy.pool.")
}

/// Returns whether a call changes nothing that we follow.
pub(super) fn is_harmless(name: &str) -> bool {
    let module = name.split('.').next().unwrap_or("");
    matches!(
        module,
        "logging"
            | "structlog"
            | "loguru"
            | "warnings"
            | "json"
            | "pprint"
            | "typing"
            | "time"
            | "sentry_sdk"
    ) || matches!(
        name,
        "builtins.print"
            | "builtins.len"
            | "builtins.isinstance"
            | "builtins.repr"
            | "builtins.sorted"
            | "builtins.type"
            | "builtins.callable"
            | "builtins.enumerate"
            | "builtins.zip"
            | "builtins.range"
            | "builtins.any"
            | "builtins.all"
            | "builtins.id"
            | "builtins.sum"
            | "builtins.set"
    ) || name.starts_with("sqlalchemy.")
        || name.starts_with("flask")
}

/// Returns whether a name is a method of a text.
pub(super) fn is_text_method(name: &str) -> bool {
    matches!(
        name,
        "replace"
            | "strip"
            | "lstrip"
            | "rstrip"
            | "lower"
            | "upper"
            | "startswith"
            | "endswith"
            | "split"
            | "removeprefix"
            | "removesuffix"
            | "format"
            | "set"
            | "render_as_string"
            | "encode"
            | "title"
            | "get_secret_value"
            | "unicode_string"
            | "casefold"
            | "isdigit"
    )
}

/// Returns whether a library's name is a class or a function, and no value that it holds.
pub(super) fn is_object(name: &str) -> bool {
    let module = name.split('.').next().unwrap_or("");
    matches!(
        module,
        "sqlalchemy"
            | "ssl"
            | "json"
            | "uuid"
            | "builtins"
            | "orjson"
            | "psycopg"
            | "psycopg2"
            | "asyncpg"
    ) && !name.starts_with("ssl.CERT")
}

/// Returns whether a method has a name that so many have that it does not lead to its callers.
pub(super) fn is_common(name: &str) -> bool {
    matches!(
        name,
        "get"
            | "set"
            | "run"
            | "call"
            | "open"
            | "close"
            | "start"
            | "stop"
            | "init"
            | "load"
            | "save"
            | "read"
            | "write"
            | "make"
            | "build"
            | "create"
            | "update"
            | "delete"
            | "execute"
            | "process"
            | "setup"
            | "connect"
            | "connection"
            | "session"
            | "query"
            | "main"
            | "handle"
            // Those of Python's own texts, lists, dicts and sets.
            | "replace"
            | "format"
            | "split"
            | "join"
            | "strip"
            | "index"
            | "count"
            | "append"
            | "extend"
            | "remove"
            | "clear"
            | "copy"
            | "keys"
            | "values"
            | "items"
            | "insert"
            | "search"
            | "add"
            | "drop"
            | "exists"
            | "config"
            | "configure"
            | "initialize"
            | "validate"
            | "test"
    )
}

/// Returns whether a library's function calls its first argument with the others, now or later.
pub(super) fn calls_its_first(name: &str) -> bool {
    matches!(name, "asyncio.to_thread" | "anyio.to_thread.run_sync")
        || name
            .strip_prefix("dependency_injector.providers.")
            .is_some_and(|provider| {
                provider.ends_with("Singleton")
                    || matches!(
                        provider,
                        "Factory" | "Resource" | "Callable" | "Coroutine" | "AbstractFactory"
                    )
            })
}

/// Returns whether calling a name checks a connection string and keeps it.
pub(super) fn is_url_type(name: &str) -> bool {
    matches!(
        name,
        "pydantic.PostgresDsn" | "pydantic.AnyUrl" | "pydantic.MultiHostUrl"
    ) || name.starts_with("pydantic.networks.") && !name.ends_with(".build")
        || name == "starlette.datastructures.Secret"
}

/// Returns whether a key is one that an engine, its driver or Flask's configuration takes.
pub(super) fn is_option(name: &str) -> bool {
    name.starts_with("pool")
        || name.starts_with("SQLALCHEMY_")
        || matches!(
            name,
            "max_overflow"
                | "connect_args"
                | "server_settings"
                | "application_name"
                | "connect_timeout"
                | "sslmode"
                | "ssl"
                | "url"
                | "dsn"
                | "DATABASES"
                | "default"
                | "OPTIONS"
                | "CONN_MAX_AGE"
        )
}
