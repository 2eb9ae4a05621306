
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'dbharden' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'dbharden'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'dbharden' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Runs every check that applies to a project and its environment; prints the checklist')
            [CompletionResult]::new('url', 'url', [CompletionResultType]::ParameterValue, 'Lints a connection string for every driver that will read it')
            [CompletionResult]::new('pool', 'pool', [CompletionResultType]::ParameterValue, 'Checks the pool settings in the environment against the spec')
            [CompletionResult]::new('code', 'code', [CompletionResultType]::ParameterValue, 'Finds database engines in source code and checks how they are configured')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Connects stage by stage (dns, tcp, tls, auth, query) and names the cause of a failure')
            [CompletionResult]::new('activity', 'activity', [CompletionResultType]::ParameterValue, 'Shows the server''s sessions by application name')
            [CompletionResult]::new('translate', 'translate', [CompletionResultType]::ParameterValue, 'Rewrites a connection string for another driver')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Checks the pool metrics that an application''s health endpoint reports')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Checks an application''s startup log for the pool settings it really runs with')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explains a rule, or finds the failure behind an error message; without an argument: lists the rules')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Writes a commented dbharden.toml; never overwrites')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints a completion script')
            break
        }
        'dbharden;check' {
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The connection string to judge and to dial, instead of the environment''s')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The time for the whole run')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Lets the findings of a baseline no longer fail; they stay visible, marked as known')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Writes what fails now as a baseline; without --baseline it counts at once')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Opens no connection')
            [CompletionResult]::new('--allow-weak-auth', '--allow-weak-auth', [CompletionResultType]::ParameterName, 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;url' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Prints the string in the driver''s own spelling instead of a report, its password as ***')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Shows the password, on standard output alone')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;pool' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;code' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;connect' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The time for the whole run')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--allow-weak-auth', '--allow-weak-auth', [CompletionResultType]::ParameterName, 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;activity' {
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Shows the sessions again every so many seconds (2 where none are given) until q or Ctrl-C')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Counts the sessions by something else than their application name too')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The time for the whole run')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--queries', '--queries', [CompletionResultType]::ParameterName, 'Shows the last statement of each session that is worth a line, every literal in it as ?')
            [CompletionResult]::new('--allow-weak-auth', '--allow-weak-auth', [CompletionResultType]::ParameterName, 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;translate' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The driver that will read it')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Shows the password, on standard output alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dbharden;health' {
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Sends a header: "Name: value"; may be repeated')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'The part of a JSON answer that holds the metrics: /database/pool or database.pool')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trusts the roots in a PEM file instead of the system''s')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The time for the whole run')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;logs' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top')
            [CompletionResult]::new('--url-env', '--url-env', [CompletionResultType]::ParameterName, 'The variable that holds the connection string, instead of `DATABASE_URL`')
            [CompletionResult]::new('--driver', '--driver', [CompletionResultType]::ParameterName, 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Which engines are judged')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file, instead of the nearest dbharden.toml')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile, instead of the configuration''s')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The name that the application''s sessions must carry')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Replaces a rule''s severity: RULE=error|warning|note|off; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The least severity that makes the run fail [default: error]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The report''s format; with --output it may be repeated, pair by pair [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Writes the report to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Goes on reading what is appended, and reports again when something was')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Goes on reading what is appended, and reports again when something was')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Lets unknown fail too')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Prints the rule''s rationale under each failure')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Shows only what failed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Shows also what does not apply')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dbharden;explain' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dbharden;init' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dbharden;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
