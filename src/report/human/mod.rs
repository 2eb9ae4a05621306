//! The checklist for people: a section per family, a line per entry, the fix below a failure.
//!
//! Complete without colour: beside each colour stand a sign and a word.

mod layout;
mod line;
mod page;
mod sessions;
mod tables;

use std::io;

use self::layout::Printer;
pub(super) use self::layout::wrap;
use self::page::Page;
pub(crate) use self::sessions::age;
use super::sheet::SECTIONS;
use super::{Options, Sheet};

/// Writes the checklist.
pub(super) fn render(
    sheet: &Sheet,
    options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page {
        printer: Printer {
            out,
            style: options.style,
            // Narrower than this, columns are no help.
            width: options.width.clamp(60, 160),
        },
        sheet,
        options,
    };
    let mut families: Vec<&'static str> = SECTIONS.iter().map(|(family, _)| *family).collect();
    for entry in &sheet.entries {
        if !families.contains(&entry.rule.family()) {
            families.push(entry.rule.family());
        }
    }
    for family in families {
        page.section(family)?;
    }
    page.verdict()
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::super::{Detail, Format, Options, Style, render};

    fn rendered(sample: &Sample, options: &Options<'_>) -> String {
        let mut out = Vec::new();
        render(Format::Human, &sample.sheet(), options, &mut out)
            .unwrap_or_else(|error| panic!("{error}"));
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn the_checklist_says_what_where_and_how_to_fix_it() {
        insta::assert_snapshot!(rendered(&Sample::new(), &Options::default()), @r#"
        Database URL  DATABASE_URL in render.yaml:api
          postgresql://app:***@ep-cool-1.eu-centr…ch/app?sslmode=require&sslpassword=***
          ✓ pass     url-clean       nothing around it · from render.yaml:134
          ✗ error    url-port        the port is left out
                     seen none · want 1 to 65535, written out · from render.yaml:134
                     …sql://app:***@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=re…
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                     fix: write :5432 behind the host
                     more: dbharden explain url-port
          ✗ error    url-parameters  sqlalchemy+asyncpg: asyncpg does not know sslmode
                                     in a SQLAlchemy URL and raises TypeError
                     seen sslmode=require · want ssl=require · from render.yaml:134
                     …l-1.eu-central-1.aws.neon.tech/app?sslmode=require&sslpassword=***
                                                         ^^^^^^^^^^^^^^^
                     fix: write ssl=require instead of sslmode=require
                     more: dbharden explain url-parameters

        Pool settings  render.yaml:api
          ✓ pass     pool-size     DB_POOL_SIZE: 5 · want 1 to 5 · from render.yaml:140
          ~ waived   pool-recycle  DB_POOL_RECYCLE: connections are replaced after 300 s
                     seen 300 · want 1800 · from render.yaml:141
                     fix: set DB_POOL_RECYCLE to 1800
                     more: dbharden explain pool-recycle
                     waived: rolled back after incident 123

        Engines
          app/database.py:383  create_async_engine · sqlalchemy+asyncpg
                               URL from env:DATABASE_URL · by the code alone
            setting           want    got    code   how
            pool_size      ✓  1 to 5  5      10     env:DB_POOL_SIZE, line 385
            pool_pre_ping  ✗  True    False  False  literal, line 386
            pool_recycle   -  -       ?      ?      unknown: settings.…ig.py:7, line 387
          ✗ error    engine-pre-ping   pool_pre_ping is off
                     seen False · want True · from app/database.py:386
                     fix: pass pool_pre_ping=True
                     more: dbharden explain engine-pre-ping

          server/main.py:41
          ? unknown  engine-pre-ping   needs the value of OPTIONS, server/main.py:12

        Connection  db.example.com:5432
          db.example.com:5432 (192.0.2.7)
            dns 1.2 ms · tcp 18 ms · tls 40 ms · auth ✗ 22 ms · query not reached
            one of: pw-wrong, role-missing
          ✗ error    connect-auth  the server refused the password of user "app"
                     from server db.example.com:5432
                     fix: look in the server's log for the reason behind 28P01
                     more: dbharden explain connect-auth

        TLS  db.example.com:5432
          TLSv1.3 · TLS13_AES_256_GCM_SHA384 · issued by CN=R11
          ends 2027-01-01T00:00:00Z
          ? unknown  tls-certificate-host  needs the TLS handshake

        Server  db.example.com:5432
          PostgreSQL 16.4 · behind pgbouncer · max_connections 100
          · note     server-pooler  PgBouncer is in between
                     fix: do not rely on session state
                     more: dbharden explain server-pooler

        Activity
          application    total  active  idle  in txn  waiting  no TLS  oldest txn
          hiremebahamas      4       1     3       0        0       ?  1.2 s
          (no name)          2       ?     ?       ?        ?       ?  -

        2 engines: 0 pass, 1 fail, 1 unknown;
          the deployed one: unknown (no deploy file says what starts)
        ✗ fail: 4 errors, 1 note, 3 pass, 2 unknown, 1 not applicable, 1 waived · 0.41 s
        "#);
    }

    #[test]
    fn quiet_shows_only_what_failed() {
        let options = Options {
            detail: Detail::Quiet,
            ..Options::default()
        };
        insta::assert_snapshot!(rendered(&Sample::new(), &options), @r#"
        Database URL  DATABASE_URL in render.yaml:api
          ✗ error    url-port        the port is left out
                     seen none · want 1 to 65535, written out · from render.yaml:134
                     …sql://app:***@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=re…
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                     fix: write :5432 behind the host
                     more: dbharden explain url-port
          ✗ error    url-parameters  sqlalchemy+asyncpg: asyncpg does not know sslmode
                                     in a SQLAlchemy URL and raises TypeError
                     seen sslmode=require · want ssl=require · from render.yaml:134
                     …l-1.eu-central-1.aws.neon.tech/app?sslmode=require&sslpassword=***
                                                         ^^^^^^^^^^^^^^^
                     fix: write ssl=require instead of sslmode=require
                     more: dbharden explain url-parameters

        Engines
         app/database.py:383
          ✗ error    engine-pre-ping  pool_pre_ping is off
                     seen False · want True · from app/database.py:386
                     fix: pass pool_pre_ping=True
                     more: dbharden explain engine-pre-ping

        Connection  db.example.com:5432
          ✗ error    connect-auth  the server refused the password of user "app"
                     from server db.example.com:5432
                     fix: look in the server's log for the reason behind 28P01
                     more: dbharden explain connect-auth

        Server  db.example.com:5432
          · note     server-pooler  PgBouncer is in between
                     fix: do not rely on session state
                     more: dbharden explain server-pooler

        2 engines: 0 pass, 1 fail, 1 unknown;
          the deployed one: unknown (no deploy file says what starts)
        ✗ fail: 4 errors, 1 note, 3 pass, 2 unknown, 1 not applicable, 1 waived · 0.41 s
        "#);
    }

    #[test]
    fn colours_change_no_word() {
        let options = Options {
            style: Style::ansi(),
            ..Options::default()
        };
        let coloured = rendered(&Sample::new(), &options);
        let plain = rendered(&Sample::new(), &Options::default());
        let mut stripped = String::new();
        for (index, part) in coloured.split("\u{1b}[").enumerate() {
            let end = part.find('m').map_or(0, |at| at + 1);
            stripped.push_str(if index == 0 { part } else { &part[end..] });
        }
        assert_eq!(stripped, plain);
        insta::assert_snapshot!(coloured.lines().take(6).collect::<Vec<_>>().join("\n").replace('\u{1b}', "␛"), @r#"
        ␛[1mDatabase URL␛[0m  DATABASE_URL in render.yaml:api
          ␛[90mpostgresql://app:***@ep-cool-1.eu-centr…ch/app?sslmode=require&sslpassword=***␛[0m
          ␛[32m✓ pass     ␛[0murl-clean       nothing around it · from render.yaml:134
          ␛[1;31m✗ error    ␛[0murl-port        the port is left out
                     seen none · want 1 to 65535, written out · from render.yaml:134
                     …sql://app:***@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=re…
        "#);
    }

    #[test]
    fn verbose_also_shows_what_does_not_apply_and_the_drivers() {
        let options = Options {
            detail: Detail::Verbose,
            explain: true,
            ..Options::default()
        };
        let text = rendered(&Sample::new(), &options);
        assert!(text.contains("- n/a"), "{text}");
        assert!(text.contains("why: An application whose"), "{text}");
        let from = text.find("  driver ").unwrap_or_default();
        let to = text.find("Pool settings").unwrap_or_default();
        insta::assert_snapshot!(&text[from..to], @r#"
        driver               takes it  TLS       verifies  as
        sqlalchemy+psycopg2  ✓ yes     required  nothing   app@ep-cool-1…tech:5432/app
        sqlalchemy+asyncpg   ✗ no      -         -         -
        sqlalchemy+asyncpg says: TypeError: connect() got an unexpected keyword
                                 argument 'sslmode'
        "#);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [72, 80, 120] {
            let options = Options {
                width,
                detail: Detail::Verbose,
                ..Options::default()
            };
            let text = rendered(&Sample::new(), &options);
            for line in text.lines() {
                assert!(super::layout::columns(line) <= width, "{width}: {line}");
            }
        }
    }
}
