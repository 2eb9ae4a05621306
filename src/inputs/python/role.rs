//! What an engine is for, by where it stands.

use crate::facts::Role;

/// Returns the role of a file's engines.
pub(super) fn role_of(path: &str, text: &str) -> Role {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let stem = name.strip_suffix(".py").unwrap_or(name);
    let in_folder = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    if in_folder(&[
        "test",
        "tests",
        "testing",
        "e2e",
        "integration_tests",
        "unit_tests",
        "functional_tests",
    ]) || folders
        .split('/')
        .any(|folder| folder.starts_with("test_") || folder.ends_with("_tests"))
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || matches!(stem, "conftest" | "test" | "tests" | "noxfile")
    {
        return Role::Test;
    }
    if in_folder(&["migrations", "migration", "alembic", "versions"])
        || stem.starts_with("migrate")
        || matches!(
            stem,
            "run_migrations" | "migrations" | "migration" | "alembic_env"
        )
        || stem.ends_with("_migration")
        || (stem == "env" && text.contains("alembic"))
    {
        return Role::Migration;
    }
    if in_folder(&[
        "scripts",
        "script",
        "tools",
        "tool",
        "bin",
        "examples",
        "example",
        "docs",
        "doc",
        "benchmarks",
        "benchmark",
        "bench",
        "notebooks",
        "seeds",
        "samples",
        "demo",
        "demos",
        "utils_scripts",
        "hack",
        "devtools",
        "maintenance",
        "playground",
    ]) || script_name(stem)
        // `tasks.py` is the name of invoke's, and of Celery's workers, which are the application.
        || (stem == "tasks" && ["import invoke", "from invoke"].iter().any(|word| text.contains(word)))
    {
        return Role::Script;
    }
    Role::App
}

/// Returns whether a file's name is that of something run by hand.
fn script_name(stem: &str) -> bool {
    const STARTS: [&str; 20] = [
        "seed",
        "populate_",
        "create_tables",
        "create_db",
        "create_admin",
        "create_user",
        "init_db",
        "setup_db",
        "reset_db",
        "check_",
        "verify_",
        "debug_",
        "fix_",
        "backfill",
        "import_data",
        "load_data",
        "cleanup_",
        "drop_",
        "inspect_",
        "diagnose",
    ];
    STARTS.iter().any(|start| stem.starts_with(start))
        || matches!(
            stem,
            "setup" | "manage_db" | "bench" | "benchmark" | "fabfile" | "initdb"
        )
        || stem.ends_with("_script")
}

#[cfg(test)]
mod tests {
    use super::role_of;
    use crate::facts::Role;

    #[test]
    fn the_place_tells_the_role() {
        for (path, role) in [
            ("app/database.py", Role::App),
            ("tests/conftest.py", Role::Test),
            ("app/test_db.py", Role::Test),
            ("alembic/env.py", Role::Migration),
            ("app/migrations/0001_initial.py", Role::Migration),
            ("scripts/seed.py", Role::Script),
            ("seed_users.py", Role::Script),
            ("backend/app/core/config.py", Role::App),
            ("shop/tasks.py", Role::App),
        ] {
            assert_eq!(role_of(path, ""), role, "{path}");
        }
        assert_eq!(
            role_of("db/env.py", "from alembic import context"),
            Role::Migration
        );
    }
}
