//! Parameters that belong to one tool and mean nothing, or harm, to the others.

/// Whose a parameter is, by its name in any case: failures.md 3.13, engines.md 6, and the tools'
/// own documentation, read 2026-11-23.
const OWNERS: [(&str, &str); 43] = [
    ("allow_encoding_changes", "pgx"),
    ("applicationname", "pgJDBC"),
    ("autocommit", "Django"),
    ("charset", "MySQL drivers"),
    ("command_timeout", "asyncpg"),
    ("conn_max_age", "dj-database-url"),
    ("connection_limit", "Prisma"),
    ("connecttimeout", "pgJDBC"),
    ("currentschema", "pgJDBC"),
    ("default_query_exec_mode", "pgx"),
    ("directurl", "Prisma"),
    ("idle_timeout", "postgres.js"),
    ("logintimeout", "pgJDBC"),
    ("max", "postgres.js"),
    ("max_lifetime", "postgres.js"),
    ("max_overflow", "SQLAlchemy's create_engine()"),
    ("max_size", "asyncpg's create_pool()"),
    ("min_size", "asyncpg's create_pool()"),
    ("pgbouncer", "Prisma"),
    ("pool_health_check_period", "pgx"),
    ("pool_max_conn_idle_time", "pgx"),
    ("pool_max_conn_lifetime", "pgx"),
    ("pool_max_conns", "pgx"),
    ("pool_min_conns", "pgx"),
    ("pool_pre_ping", "SQLAlchemy's create_engine()"),
    ("pool_recycle", "SQLAlchemy's create_engine()"),
    ("pool_size", "SQLAlchemy's create_engine()"),
    ("pool_timeout", "Prisma"),
    ("prefer_simple_protocol", "gorm"),
    ("prepare", "postgres.js"),
    ("prepare_threshold", "psycopg 3"),
    (
        "prepared_statement_cache_size",
        "SQLAlchemy's asyncpg dialect",
    ),
    ("prepared_statements", "Rails"),
    ("preparethreshold", "pgJDBC"),
    ("schema", "Prisma"),
    ("socket_timeout", "Prisma"),
    ("sockettimeout", "pgJDBC"),
    ("sslaccept", "Prisma"),
    ("sslidentity", "Prisma"),
    ("statement_cache_capacity", "pgx"),
    ("statement_cache_size", "asyncpg"),
    ("tcpkeepalive", "pgJDBC"),
    ("uselibpqcompat", "node-postgres"),
];

/// Returns the tool that a parameter belongs to, where it is known to belong to one.
pub fn owner(parameter: &str) -> Option<&'static str> {
    let name = parameter.to_ascii_lowercase();
    let index = OWNERS
        .binary_search_by_key(&name.as_str(), |(known, _)| known)
        .ok()?;
    Some(OWNERS[index].1)
}

#[cfg(test)]
mod tests {
    use super::{OWNERS, owner};

    #[test]
    fn the_table_is_sorted_for_looking_up() {
        assert!(OWNERS.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn a_parameter_of_one_tool_is_named_with_its_owner() {
        assert_eq!(owner("pgbouncer"), Some("Prisma"));
        assert_eq!(owner("ApplicationName"), Some("pgJDBC"));
        assert_eq!(owner("sslmode"), None);
    }
}
