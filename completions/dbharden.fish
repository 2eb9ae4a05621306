# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dbharden_global_optspecs
    string join \n h/help V/version
end

function __fish_dbharden_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dbharden_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dbharden_using_subcommand
    set -l cmd (__fish_dbharden_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dbharden -n "__fish_dbharden_needs_command" -s h -l help -d 'Print help'
complete -c dbharden -n "__fish_dbharden_needs_command" -s V -l version -d 'Print version'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "check" -d 'Runs every check that applies to a project and its environment; prints the checklist'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "url" -d 'Lints a connection string for every driver that will read it'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "pool" -d 'Checks the pool settings in the environment against the spec'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "code" -d 'Finds database engines in source code and checks how they are configured'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "connect" -d 'Connects stage by stage (dns, tcp, tls, auth, query) and names the cause of a failure'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "activity" -d 'Shows the server\'s sessions by application name'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "translate" -d 'Rewrites a connection string for another driver'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "health" -d 'Checks the pool metrics that an application\'s health endpoint reports'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "logs" -d 'Checks an application\'s startup log for the pool settings it really runs with'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "explain" -d 'Explains a rule, or finds the failure behind an error message; without an argument: lists the rules'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "init" -d 'Writes a commented dbharden.toml; never overwrites'
complete -c dbharden -n "__fish_dbharden_needs_command" -f -a "completions" -d 'Prints a completion script'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l url -d 'The connection string to judge and to dial, instead of the environment\'s' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l timeout -d 'The time for the whole run' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l baseline -d 'Lets the findings of a baseline no longer fail; they stay visible, marked as known' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l write-baseline -d 'Writes what fails now as a baseline; without --baseline it counts at once' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l offline -d 'Opens no connection'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l allow-weak-auth -d 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l fix -d 'Prints the string in the driver\'s own spelling instead of a report, its password as ***'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l reveal -d 'Shows the password, on standard output alone'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand url" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand pool" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand code" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l timeout -d 'The time for the whole run' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l allow-weak-auth -d 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l watch -d 'Shows the sessions again every so many seconds (2 where none are given) until q or Ctrl-C' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l by -d 'Counts the sessions by something else than their application name too' -r -f -a "user\t''
database\t''
client\t''
state\t''
wait\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l timeout -d 'The time for the whole run' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l queries -d 'Shows the last statement of each session that is worth a line, every literal in it as ?'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l allow-weak-auth -d 'Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand activity" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l to -d 'The driver that will read it' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l format -d 'The format' -r -f -a "human\t''
json\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -l reveal -d 'Shows the password, on standard output alone'
complete -c dbharden -n "__fish_dbharden_using_subcommand translate" -s h -l help -d 'Print help'
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l header -d 'Sends a header: "Name: value"; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l path -d 'The part of a JSON answer that holds the metrics: /database/pool or database.pool' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l cacert -d 'Trusts the roots in a PEM file instead of the system\'s' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l timeout -d 'The time for the whole run' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand health" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l env-file -d 'Reads variables from a file; may be repeated, a later one wins; the process environment is on top' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l url-env -d 'The variable that holds the connection string, instead of `DATABASE_URL`' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l driver -d 'Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l role -d 'Which engines are judged' -r -f -a "app\t'The application\'s'
all\t'Those of migrations, scripts and tests as well'"
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l config -d 'The configuration file, instead of the nearest dbharden.toml' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l profile -d 'The profile, instead of the configuration\'s' -r -f -a "enterprise\t''
essential\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l app -d 'The name that the application\'s sessions must carry' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l severity -d 'Replaces a rule\'s severity: RULE=error|warning|note|off; may be repeated' -r
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l fail-on -d 'The least severity that makes the run fail [default: error]' -r -f -a "error\t''
warning\t''
note\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l format -d 'The report\'s format; with --output it may be repeated, pair by pair [default: human]' -r -f -a "human\t''
json\t''
sarif\t''
junit\t''
github\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l output -d 'Writes the report to a file instead of standard output' -r -F
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -s f -l follow -d 'Goes on reading what is appended, and reports again when something was'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l strict -d 'Lets unknown fail too'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -l explain -d 'Prints the rule\'s rationale under each failure'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -s q -l quiet -d 'Shows only what failed'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -s v -l verbose -d 'Shows also what does not apply'
complete -c dbharden -n "__fish_dbharden_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbharden -n "__fish_dbharden_using_subcommand explain" -l format -d 'The format' -r -f -a "human\t''
json\t''
markdown\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand explain" -l color -d 'When to colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dbharden -n "__fish_dbharden_using_subcommand explain" -s h -l help -d 'Print help'
complete -c dbharden -n "__fish_dbharden_using_subcommand init" -s h -l help -d 'Print help'
complete -c dbharden -n "__fish_dbharden_using_subcommand completions" -s h -l help -d 'Print help'
