//! What was typed: the command line as clap parses it, without any effect.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::driver::{Driver, Kind, UnknownDriver};
use crate::facts::SessionKey;
use crate::probe::health::HealthRequest;
use crate::report::Format;
use crate::rules::RULES;
use crate::spec::{Level, Severity, Spec, Threshold};
use crate::value::Secret;

/// Checks how an application is configured for Postgres, and names the cause of a failed connection.
#[derive(Debug, Parser)]
#[command(
    name = "dbharden",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Runs every check that applies to a project and its environment; prints the checklist
    #[command(after_help = EXIT_CODES)]
    Check(Deferred<CheckArgs>),
    /// Lints a connection string for every driver that will read it
    #[command(after_help = EXIT_CODES)]
    Url(Deferred<UrlArgs>),
    /// Checks the pool settings in the environment against the spec
    #[command(after_help = EXIT_CODES)]
    Pool(Deferred<PoolArgs>),
    /// Finds database engines in source code and checks how they are configured
    #[command(after_help = EXIT_CODES)]
    Code(Deferred<CodeArgs>),
    /// Connects stage by stage (dns, tcp, tls, auth, query) and names the cause of a failure
    #[command(after_help = EXIT_CODES)]
    Connect(Deferred<ConnectArgs>),
    /// Shows the server's sessions by application name
    #[command(after_help = EXIT_CODES)]
    Activity(Deferred<ActivityArgs>),
    /// Rewrites a connection string for another driver
    Translate(Deferred<TranslateArgs>),
    /// Checks the pool metrics that an application's health endpoint reports
    #[command(after_help = EXIT_CODES)]
    Health(Deferred<HealthArgs>),
    /// Checks an application's startup log for the pool settings it really runs with
    #[command(after_help = EXIT_CODES)]
    Logs(Deferred<LogsArgs>),
    /// Explains a rule, or finds the failure behind an error message; without an argument: lists the rules
    Explain(Deferred<ExplainArgs>),
    /// Writes a commented dbharden.toml; never overwrites
    Init(Deferred<InitArgs>),
    /// Prints a completion script
    Completions {
        /// The shell to complete in
        shell: Shell,
    },
}

/// The arguments of a command, which clap learns only when that command is the one that runs: the
/// definitions of all commands took a quarter of the time of `--version`.
#[derive(Debug)]
pub(super) struct Deferred<T>(pub(super) T);

impl<T: clap::Args> clap::Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command.defer(T::augment_args_for_update)
    }
}

impl<T: clap::Args> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}

const EXIT_CODES: &str = "Exit status: 0 nothing failed at or above --fail-on; 1 something did; \
    2 dbharden could not do its job";

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The project's folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// The connection string to judge and to dial, instead of the environment's
    #[arg(long, value_name = "URL", help_heading = "Input")]
    pub(super) url: Option<String>,
    /// Opens no connection
    #[arg(long, help_heading = "Network")]
    pub(super) offline: bool,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
    #[command(flatten)]
    pub(super) baselines: BaselineArgs,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Baseline")]
pub(super) struct BaselineArgs {
    /// Lets the findings of a baseline no longer fail; they stay visible, marked as known
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Writes what fails now as a baseline; without --baseline it counts at once
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct UrlArgs {
    #[command(flatten)]
    pub(super) url: UrlArgument,
    /// Prints the string in the driver's own spelling instead of a report, its password as ***
    #[arg(long, help_heading = "Output", conflicts_with = "format")]
    pub(super) fix: bool,
    /// Shows the password, on standard output alone
    #[arg(long, help_heading = "Output", requires = "fix")]
    pub(super) reveal: bool,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct PoolArgs {
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct CodeArgs {
    /// Folders or files
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ConnectArgs {
    #[command(flatten)]
    pub(super) url: UrlArgument,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ActivityArgs {
    /// Shows the sessions again every so many seconds (2 where none are given) until q or Ctrl-C
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2",
        value_parser = seconds,
        conflicts_with_all = ["format", "output"],
        help_heading = "Watch"
    )]
    pub(super) watch: Option<std::time::Duration>,
    /// Counts the sessions by something else than their application name too
    #[arg(long, value_name = "WHAT", help_heading = "Sessions")]
    pub(super) by: Option<ByArg>,
    /// Shows the last statement of each session that is worth a line, every literal in it as ?
    #[arg(long, conflicts_with = "watch", help_heading = "Sessions")]
    pub(super) queries: bool,
    #[command(flatten)]
    pub(super) connect: ConnectArgs,
}

/// Writes `--watch 1` as `--watch=1`: without a value of its own, the option would leave the number
/// to the connection string, which is never one.
pub(super) fn with_seconds(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = Vec::new();
    for argument in arguments {
        let text = argument.to_str().unwrap_or_default();
        let is_number = text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        match all.last_mut() {
            Some(last) if is_number && last == "--watch" => {
                last.push("=");
                last.push(text);
            }
            _ => all.push(argument),
        }
    }
    all
}

/// What sessions are counted by, beside their application name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ByArg {
    User,
    Database,
    Client,
    State,
    Wait,
}

impl ByArg {
    /// Returns what it names.
    pub(super) fn key(self) -> SessionKey {
        match self {
            Self::User => SessionKey::User,
            Self::Database => SessionKey::Database,
            Self::Client => SessionKey::Client,
            Self::State => SessionKey::State,
            Self::Wait => SessionKey::Wait,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct TranslateArgs {
    #[command(flatten)]
    pub(super) url: UrlArgument,
    /// The driver that will read it
    #[arg(long, value_name = "DRIVER", value_parser = driver)]
    pub(super) to: Driver,
    /// Shows the password, on standard output alone
    #[arg(long)]
    pub(super) reveal: bool,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: TranslationFormat,
    #[command(flatten)]
    pub(super) input: InputArgs,
}

/// The formats of a translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TranslationFormat {
    Human,
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct HealthArgs {
    /// The endpoint, http or https
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// Sends a header: "Name: value"; may be repeated
    #[arg(long, value_name = "HEADER", value_parser = header, help_heading = "Network")]
    pub(super) header: Vec<(String, Secret)>,
    /// The part of a JSON answer that holds the metrics: /database/pool or database.pool
    #[arg(long, value_name = "POINTER", help_heading = "Network")]
    pub(super) path: Option<String>,
    /// Trusts the roots in a PEM file instead of the system's
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(super) cacert: Option<PathBuf>,
    /// The time for the whole run
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Network")]
    pub(super) timeout: std::time::Duration,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct LogsArgs {
    /// The log; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Goes on reading what is appended, and reports again when something was
    #[arg(short, long, help_heading = "Input")]
    pub(super) follow: bool,
    #[command(flatten)]
    pub(super) checking: CheckingArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// A rule's id, or an error text, a traceback or a piece of a log; `-` reads it from standard input
    #[arg(value_name = "RULE or TEXT", allow_hyphen_values = true)]
    pub(super) what: Option<String>,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: PageFormatArg,
    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorArg,
}

#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The project's folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
}

/// The formats of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PageFormatArg {
    Human,
    Json,
    Markdown,
}

#[derive(Debug, clap::Args)]
pub(super) struct UrlArgument {
    /// The connection string; `-` reads it from standard input; left out: $`DATABASE_URL`
    #[arg(value_name = "URL", allow_hyphen_values = false)]
    pub(super) url: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub(super) struct NetworkArgs {
    /// The time for the whole run
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) timeout: std::time::Duration,
    /// Answers a server that asks for a clear-text or md5 password where sslmode alone would allow it
    #[arg(long)]
    pub(super) allow_weak_auth: bool,
}

#[derive(Debug, Default, clap::Args)]
pub(super) struct CheckingArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Which engines are judged
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "app",
        help_heading = "Input"
    )]
    pub(super) role: RoleArg,
    #[command(flatten)]
    pub(super) spec: SpecArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Reads variables from a file; may be repeated, a later one wins; the process environment is on top
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Vec<PathBuf>,
    /// The variable that holds the connection string, instead of `DATABASE_URL`
    #[arg(long, value_name = "NAME")]
    pub(super) url_env: Option<String>,
    /// Who reads the connection string, for instance asyncpg or sqlalchemy@2.0+psycopg2; may be repeated
    #[arg(long, value_name = "DRIVER", value_parser = driver)]
    pub(super) driver: Vec<Driver>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Spec")]
pub(super) struct SpecArgs {
    /// The configuration file, instead of the nearest dbharden.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The profile, instead of the configuration's
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Spec::PROFILES))]
    pub(super) profile: Option<String>,
    /// The name that the application's sessions must carry
    #[arg(long, value_name = "NAME")]
    pub(super) app: Option<String>,
    /// Replaces a rule's severity: RULE=error|warning|note|off; may be repeated
    #[arg(long, value_name = "RULE=LEVEL", value_parser = severity)]
    pub(super) severity: Vec<(String, Level)>,
    /// The least severity that makes the run fail [default: error]
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOnArg>,
    /// Lets unknown fail too
    #[arg(long)]
    pub(super) strict: bool,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// The report's format; with --output it may be repeated, pair by pair [default: human]
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(super) format: Vec<Format>,
    /// Writes the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Vec<PathBuf>,
    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorArg,
    /// Prints the rule's rationale under each failure
    #[arg(long)]
    pub(super) explain: bool,
    /// Shows only what failed
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Shows also what does not apply
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// Which engines are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum RoleArg {
    /// The application's
    #[default]
    App,
    /// Those of migrations, scripts and tests as well
    All,
}

/// The least severity that makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnArg {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOnArg {
    /// Returns the threshold that it names.
    pub(super) fn threshold(self) -> Threshold {
        match self {
            Self::Error => Threshold::From(Severity::Error),
            Self::Warning => Threshold::From(Severity::Warning),
            Self::Note => Threshold::From(Severity::Note),
            Self::Never => Threshold::Never,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    #[default]
    Auto,
    Always,
    Never,
}

/// Parses a format, and lists them all in the help and in completions.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.iter().map(|format| format.name());
    PossibleValuesParser::new(names)
        .try_map(|name| name.parse::<Format>().map_err(|()| "no such format"))
}

fn header(text: &str) -> Result<(String, Secret), String> {
    HealthRequest::header(text).ok_or_else(|| "not a header: write \"Name: value\"".to_owned())
}

fn driver(text: &str) -> Result<Driver, String> {
    text.parse().map_err(|error: UnknownDriver| {
        if let Some(name) = error.did_you_mean {
            format!("there is no such driver; did you mean `{name}`?")
        } else {
            let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            format!("there is no such driver; there are {}", names.join(", "))
        }
    })
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    if !(0.05..=86_400.0).contains(&seconds) {
        return Err("must be from 0.05 to 86400 seconds".to_owned());
    }
    Ok(std::time::Duration::from_secs_f64(seconds))
}

fn severity(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text
        .split_once('=')
        .ok_or("must be RULE=error, warning, note or off")?;
    if crate::rules::find(rule).is_none() {
        let ids = RULES.iter().map(|rule| rule.id);
        let near = crate::spec::nearest(rule, ids).map(|id| format!("; did you mean `{id}`?"));
        return Err(format!(
            "there is no rule `{rule}`{}",
            near.unwrap_or_default()
        ));
    }
    let level = match level {
        "error" => Level::At(Severity::Error),
        "warning" => Level::At(Severity::Warning),
        "note" => Level::At(Severity::Note),
        "off" => Level::Off,
        _ => return Err("the level is none of error, warning, note, off".to_owned()),
    };
    Ok((rule.to_owned(), level))
}

#[cfg(test)]
mod tests {
    use super::with_seconds;

    #[test]
    fn a_number_behind_watch_is_its_seconds_and_a_string_is_not() {
        let with = |line: &str| {
            let all = with_seconds(line.split(' ').map(Into::into));
            let all: Vec<_> = all.iter().map(|one| one.to_string_lossy()).collect();
            all.join(" ")
        };
        for (line, expected) in [
            ("activity --watch 1", "activity --watch=1"),
            ("activity --watch 0.5 -", "activity --watch=0.5 -"),
            ("activity --watch 127.h", "activity --watch 127.h"),
            (
                "activity --watch postgresql://h/d",
                "activity --watch postgresql://h/d",
            ),
            ("activity --watch=2 3", "activity --watch=2 3"),
            ("activity --app 3", "activity --app 3"),
        ] {
            assert_eq!(with(line), expected);
        }
    }
}
