
use builtin;
use str;

set edit:completion:arg-completer[dbharden] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'dbharden'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'dbharden'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand check 'Runs every check that applies to a project and its environment; prints the checklist'
            cand url 'Lints a connection string for every driver that will read it'
            cand pool 'Checks the pool settings in the environment against the spec'
            cand connect 'Connects stage by stage (dns, tcp, tls, auth, query) and names the cause of a failure'
            cand activity 'Shows the server''s sessions by application name'
            cand completions 'Prints a completion script'
        }
        &'dbharden;check'= {
            cand --url 'The connection string to judge and to dial, instead of the environment''s'
            cand --timeout 'The time for the whole run'
            cand --env-file 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top'
            cand --url-env 'The variable that holds the connection string, instead of DATABASE_URL'
            cand --driver 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated'
            cand --role 'Which engines are judged'
            cand --config 'The configuration file, instead of the nearest dbharden.toml'
            cand --profile 'The profile, instead of the configuration''s'
            cand --app 'The name that the application''s sessions must carry'
            cand --severity 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated'
            cand --fail-on 'The least severity that makes the run fail [default: error]'
            cand --format 'The report''s format; with --output it may be repeated, pair by pair [default: human]'
            cand --output 'Writes the report to a file instead of standard output'
            cand --color 'When to colour'
            cand --offline 'Opens no connection'
            cand --allow-weak-auth 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
            cand --strict 'Lets unknown fail too'
            cand --explain 'Prints the rule''s rationale under each failure'
            cand -q 'Shows only what failed'
            cand --quiet 'Shows only what failed'
            cand -v 'Shows also what does not apply'
            cand --verbose 'Shows also what does not apply'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dbharden;url'= {
            cand --env-file 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top'
            cand --url-env 'The variable that holds the connection string, instead of DATABASE_URL'
            cand --driver 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated'
            cand --role 'Which engines are judged'
            cand --config 'The configuration file, instead of the nearest dbharden.toml'
            cand --profile 'The profile, instead of the configuration''s'
            cand --app 'The name that the application''s sessions must carry'
            cand --severity 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated'
            cand --fail-on 'The least severity that makes the run fail [default: error]'
            cand --format 'The report''s format; with --output it may be repeated, pair by pair [default: human]'
            cand --output 'Writes the report to a file instead of standard output'
            cand --color 'When to colour'
            cand --strict 'Lets unknown fail too'
            cand --explain 'Prints the rule''s rationale under each failure'
            cand -q 'Shows only what failed'
            cand --quiet 'Shows only what failed'
            cand -v 'Shows also what does not apply'
            cand --verbose 'Shows also what does not apply'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dbharden;pool'= {
            cand --env-file 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top'
            cand --url-env 'The variable that holds the connection string, instead of DATABASE_URL'
            cand --driver 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated'
            cand --role 'Which engines are judged'
            cand --config 'The configuration file, instead of the nearest dbharden.toml'
            cand --profile 'The profile, instead of the configuration''s'
            cand --app 'The name that the application''s sessions must carry'
            cand --severity 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated'
            cand --fail-on 'The least severity that makes the run fail [default: error]'
            cand --format 'The report''s format; with --output it may be repeated, pair by pair [default: human]'
            cand --output 'Writes the report to a file instead of standard output'
            cand --color 'When to colour'
            cand --strict 'Lets unknown fail too'
            cand --explain 'Prints the rule''s rationale under each failure'
            cand -q 'Shows only what failed'
            cand --quiet 'Shows only what failed'
            cand -v 'Shows also what does not apply'
            cand --verbose 'Shows also what does not apply'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dbharden;connect'= {
            cand --timeout 'The time for the whole run'
            cand --env-file 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top'
            cand --url-env 'The variable that holds the connection string, instead of DATABASE_URL'
            cand --driver 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated'
            cand --role 'Which engines are judged'
            cand --config 'The configuration file, instead of the nearest dbharden.toml'
            cand --profile 'The profile, instead of the configuration''s'
            cand --app 'The name that the application''s sessions must carry'
            cand --severity 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated'
            cand --fail-on 'The least severity that makes the run fail [default: error]'
            cand --format 'The report''s format; with --output it may be repeated, pair by pair [default: human]'
            cand --output 'Writes the report to a file instead of standard output'
            cand --color 'When to colour'
            cand --allow-weak-auth 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
            cand --strict 'Lets unknown fail too'
            cand --explain 'Prints the rule''s rationale under each failure'
            cand -q 'Shows only what failed'
            cand --quiet 'Shows only what failed'
            cand -v 'Shows also what does not apply'
            cand --verbose 'Shows also what does not apply'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dbharden;activity'= {
            cand --timeout 'The time for the whole run'
            cand --env-file 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top'
            cand --url-env 'The variable that holds the connection string, instead of DATABASE_URL'
            cand --driver 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated'
            cand --role 'Which engines are judged'
            cand --config 'The configuration file, instead of the nearest dbharden.toml'
            cand --profile 'The profile, instead of the configuration''s'
            cand --app 'The name that the application''s sessions must carry'
            cand --severity 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated'
            cand --fail-on 'The least severity that makes the run fail [default: error]'
            cand --format 'The report''s format; with --output it may be repeated, pair by pair [default: human]'
            cand --output 'Writes the report to a file instead of standard output'
            cand --color 'When to colour'
            cand --allow-weak-auth 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
            cand --strict 'Lets unknown fail too'
            cand --explain 'Prints the rule''s rationale under each failure'
            cand -q 'Shows only what failed'
            cand --quiet 'Shows only what failed'
            cand -v 'Shows also what does not apply'
            cand --verbose 'Shows also what does not apply'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dbharden;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
