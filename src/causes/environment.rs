//! Stage `auth`, from the environment: the password that was not given, or came from a file.

use super::{Cause, EVERY, LIBPQ, Stage};

const RULES: &[&str] = &["connect-auth"];

pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "password-missing",
        stage: Stage::Auth,
        title: "the server asks for a password and none was given",
        what: "Neither the connection string nor PGPASSWORD nor a password file holds a password; nothing was sent.",
        why: "The variable is not set, or the string was built without it.",
        check: "dbharden url; env | grep -c PGPASSWORD; ls -l ~/.pgpass",
        fix: "Put the password into the connection string or PGPASSWORD of this environment.",
        drivers: EVERY,
        rules: RULES,
        texts: &[
            "fe_sendauth: no password supplied",
            "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string",
            "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string",
            "client password must be a string",
            "server requested password-based authentication, but no password was provided",
            "server requesting password authentication, but no password was provided",
            "invalid configuration: password missing",
            "The server requested password-based authentication, but no password was provided",
            "empty password returned by client",
            "The server requested SCRAM-based authentication, but no password was provided",
            "No password has been provided but the backend requires one",
        ],
    },
    Cause {
        id: "pgpass-wrong",
        stage: Stage::Auth,
        title: "the password came from a file, and is wrong",
        what: "The password was taken from the password file, not from the connection string.",
        why: "A stale line of ~/.pgpass (or PGPASSFILE) fits this host, user and database.",
        check: "grep -n HOST ~/.pgpass; echo $PGPASSFILE",
        fix: "Correct or remove that line of the password file, or give the password in the connection string.",
        drivers: LIBPQ,
        rules: RULES,
        texts: &["password retrieved from file \"{}\""],
    },
    Cause {
        id: "pgpass-perms",
        stage: Stage::Auth,
        title: "the password file is ignored, for others may read it",
        what: "libpq ignores a password file whose group or world may read it, and then has no password.",
        why: "The file's mode is 0644.",
        check: "stat -c %a ~/.pgpass",
        fix: "chmod 600 ~/.pgpass",
        drivers: LIBPQ,
        rules: RULES,
        texts: &[
            "password file \"{}\" has group or world access; permissions should be u=rw (0600) or less",
            "password file \"{}\" is not a plain file",
        ],
    },
];
