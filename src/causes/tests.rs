//! The pages are complete, and the search knows each text and nothing else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{CANDIDATE_SETS, Cause, Stage, all, find, search};

/// The ids of the catalogue of causes: what `connections[].cause` may hold.
const CATALOGUE: &str = "
dns-nxdomain dns-servfail dns-refused dns-no-resolver dns-timeout dns-nodata dns-slow
dns-aaaa-only dns-host-shape dns-zero
tcp-refused tcp-refused-firewall tcp-no-route tcp-net-unreachable tcp-blackhole tcp-backlog-full
tcp-multi-host tcp-ephemeral-exhausted tcp-fd-exhausted tcp-rst-after-accept tcp-fin-after-accept
tcp-silent unix-missing unix-stale unix-toolong wrong-http wrong-mysql wrong-redis wrong-smtp
wrong-echo
mtu-blackhole wrong-ssh tls-only-port ssl-n-required ssl-n-prefer ssl-n-close ssl-garbage ssl-e
ssl-s-silent ssl-s-close ssl-s-alert ssl-s-sni-alert ssl-inject ssl-slow-drip direct-no-alpn
direct-old-server tls-expired tls-not-yet clock-skew tls-wrong-host tls-wildcard tls-ip
tls-trailing-dot tls-cn-only tls-unknown-ca tls-missing-intermediate tls-self-signed tls-bad-eku
tls-revoked tls-crl-missing tls-crl-bad tls-sha1 tls-rsa1024 tls-1.1-only tls-1.3-only-client12
rootcert-missing rootcert-default-missing rootcert-bad rootcert-empty rootcert-system
require-is-verify-ca clientcert-expired clientcert-unknown-ca clientkey-mode clientkey-mismatch
clientkey-missing clientkey-dir clientkey-enc
fork-fail clientcert-none clientcert-wrong-cn server-no-client-ca hba-missing hba-needs-tls
hba-forbids-tls hba-reject role-missing pw-wrong pw-none pw-expired md5-hash-vs-scram role-nologin
db-missing db-case db-noallow connect-revoked limit-db limit-role too-many-reserved
too-many-clients starting-up recovery-mode shutting-down hot-standby-off tsa-mismatch
proto-unsupported method-ident method-peer method-ldap method-pam method-radius method-gss
method-unknown replication-conn options-bad options-badval options-super client-encoding
auth-timeout cb-no-tls cb-md5 cb-trust cb-no-plus plus-without-tls rogue-cleartext rogue-md5
rogue-no-auth rogue-skip-final rogue-bad-signature rogue-bad-nonce scram-iter-huge scram-iter-tiny
sasl-unknown err-localized err-empty neon-endpoint supabase-tenant pgb-bad-pw pgb-no-user pgb-no-db
pgb-disabled pgb-max-client pgb-server-pw pgb-upstream-down pgb-upstream-nx pgb-paused
pgb-auth_query pgb-pool-full pgb-startup-param param-flood
half-open standby-read-only pgb-prepared pgb-set-leak pgb-admin pgb-query-timeout q-stmt-timeout
q-lock-timeout q-lock-wait q-idle-txn q-idle-session q-terminated q-privileges q-schema-perm q-drop
q-fin q-absurd-length q-columns q-type q-copy q-silent q-drip q-notice-flood q-row-flood version-lie
password-missing pgpass-wrong pgpass-perms
";

/// The failures of applications: a page each, beside the causes.
const FAILURES: usize = 33;

/// How far below the best fit a page may stand and still count as found.
const NEAR: f64 = 0.65;

/// Returns the texts of a file of samples, with the page each stands under.
fn samples(file: &'static str) -> Vec<(&'static str, String)> {
    let mut page = "";
    let mut found = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(text) => found.push((page, text.replace("\\n", "\n").replace("\\t", "\t"))),
            None => page = line,
        }
    }
    found
}

/// Fills the gaps of a page's text as a real message might.
fn filled(text: &str) -> String {
    text.replace("{nx}", "5432x")
        .replace("{v6}", "2001:db8::17")
        .replace("{ip}", "203.0.113.9")
        .replace("{p}", "5432")
        .replace("{n}", "7")
        .replace("{w}", "ep-cool-1")
        .replace("{$}", "")
        .replace("{*}", "\", line 12\n    raise\n")
        .replace("{}", "some value")
}

fn found(text: &str) -> Vec<&'static str> {
    search(text.as_bytes()).iter().map(|fit| fit.id).collect()
}

#[test]
fn every_cause_of_the_catalogue_has_its_page_and_no_page_is_twice() {
    let ids: Vec<&str> = all().map(|cause| cause.id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    let catalogue: BTreeSet<&str> = CATALOGUE.split_whitespace().collect();
    assert_eq!(catalogue.len(), 178);
    let beside = |cause: &&Cause| matches!(cause.stage, Stage::Driver | Stage::Url);
    let pages: BTreeSet<&str> = all()
        .filter(|cause| !beside(cause))
        .map(|cause| cause.id)
        .collect();
    assert_eq!(pages, catalogue);
    let failures = all().filter(|cause| cause.stage == Stage::Driver).count();
    assert_eq!(failures, FAILURES);
}

/// The fewest near misses that each page has.
const NEAR_MISSES: usize = 5;

#[test]
fn no_page_claims_its_near_misses() {
    let near = samples(include_str!("near.txt"));
    let mut claimed = Vec::new();
    for (heading, text) in &near {
        let ids = found(text);
        for page in heading.split(' ') {
            assert!(find(page).is_some(), "{page}");
            if ids.contains(&page) {
                claimed.push(format!("{page} claims {text}"));
            }
        }
    }
    assert!(claimed.is_empty(), "{}", claimed.join("\n"));
    for cause in all() {
        let of_page = |heading: &str| heading.split(' ').any(|page| page == cause.id);
        let texts: BTreeSet<&str> = near
            .iter()
            .filter(|(heading, _)| of_page(heading))
            .map(|(_, text)| text.as_str())
            .collect();
        assert!(texts.len() >= NEAR_MISSES, "{}: {}", cause.id, texts.len());
    }
}

#[test]
fn every_page_says_what_why_how_to_check_and_how_to_fix() {
    for cause in all() {
        let id = cause.id;
        for text in [cause.title, cause.what, cause.why, cause.check, cause.fix] {
            assert!(
                !text.trim().is_empty() && !text.contains('\n'),
                "{id}: {text:?}"
            );
        }
        assert!(!cause.title.ends_with('.'), "{id}");
        assert!(cause.title.len() <= 90, "{id}: {}", cause.title.len());
        assert!(!cause.drivers.is_empty() && !cause.rules.is_empty(), "{id}");
    }
}

#[test]
fn every_candidate_has_a_page_and_stands_in_one_set() {
    let mut seen = BTreeSet::new();
    for id in CANDIDATE_SETS.iter().flat_map(|set| set.ids) {
        assert!(find(id).is_some(), "{id}");
        assert!(seen.insert(id), "{id} stands in two sets");
    }
}

#[test]
fn every_known_text_finds_its_page() {
    let samples = samples(include_str!("known.txt"));
    let mut missed = Vec::new();
    for (page, text) in &samples {
        let fits = search(text.as_bytes());
        let best = fits.first().map_or(0.0, |fit| fit.score);
        let score = fits.iter().find(|fit| fit.id == *page).map(|fit| fit.score);
        if score.is_none_or(|score| score < best * NEAR) {
            let fits: Vec<_> = fits.iter().map(|fit| (fit.id, fit.score)).collect();
            missed.push(format!("{page} for {text:?}: {fits:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let with_sample: BTreeSet<&str> = samples.iter().map(|(page, _)| *page).collect();
    for page in &with_sample {
        assert!(find(page).is_some(), "known.txt names no page: {page}");
    }
}

#[test]
fn a_pasted_error_finds_its_page_first() {
    let mut wrong = Vec::new();
    for (pages, text) in samples(include_str!("pasted.txt")) {
        let fits = search(text.as_bytes());
        let best = fits.first().map(|fit| fit.score);
        let right = match pages {
            "-" => fits.is_empty(),
            _ => fits
                .iter()
                .take_while(|fit| Some(fit.score) == best)
                .any(|fit| pages.split(' ').any(|page| page == fit.id)),
        };
        if !right {
            let fits: Vec<_> = fits.iter().map(|fit| (fit.id, fit.score)).collect();
            wrong.push(format!("{pages} for {text:?}: {fits:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_language_of_a_text_comes_after_what_the_text_says() {
    use super::translated::TRANSLATED;
    use super::translated_network::NETWORK;
    for message in TRANSLATED.iter().chain(NETWORK) {
        for text in message.texts {
            let found = found(&filled(text));
            assert!(message.pages.contains(&found[0]), "{text}: {found:?}");
            assert!(found.contains(&"err-localized"), "{text}: {found:?}");
        }
    }
}

#[test]
fn every_text_of_a_page_finds_the_page() {
    for cause in all() {
        for text in cause.texts {
            let text = filled(text);
            assert!(found(&text).contains(&cause.id), "{}: {text}", cause.id);
        }
    }
}

#[test]
fn what_no_page_explains_finds_nothing() {
    for text in include_str!("unknown.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        assert_eq!(found(text), [""; 0], "{text}");
    }
    assert_eq!(found(""), [""; 0]);
}

/// Replaces the word at an index by another one.
fn with_another_word(text: &str, index: usize) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut changed: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let middle = words[index].len() / 2;
    changed[index].insert(middle, 'x');
    changed.join(" ")
}

#[test]
fn a_text_with_one_literal_word_changed_is_no_longer_that_text() {
    use super::normal::Normal;
    use super::pattern::Pattern;
    for text in all().flat_map(|cause| cause.texts) {
        let pattern = Pattern::new(text);
        let fits = |text: &str| {
            let text = Normal::new(text.as_bytes());
            memchr::memmem::find_iter(&text.flat, pattern.anchor())
                .any(|at| pattern.around(&text, at).is_some())
        };
        assert!(fits(&filled(text)), "{text}");
        for (index, word) in text.split(' ').enumerate() {
            if word.is_ascii() && !word.contains('{') {
                let near = filled(&with_another_word(text, index));
                assert!(!fits(&near), "{text:?} fits {near:?}");
            }
        }
    }
}

#[test]
fn how_a_text_was_pasted_does_not_matter() {
    let plain = "FATAL:  password authentication failed for user \"app\"";
    let expected = found(plain);
    assert!(expected.contains(&"pw-wrong"));
    for pasted in [
        "{\"level\":\"error\",\"msg\":\"FATAL:  password authentication failed for user \\\"app\\\"\\n\"}",
        "time=x level=error msg='FATAL: password authentication failed for user \\'app\\''",
        "\u{1b}[31mFATAL:\u{1b}[0m password authentication failed for user “app”",
        "FATAL:  password authentication\nfailed for user \"app\"",
        "fatal: Password Authentication Failed For User \"APP\"",
        "Nov 24 06:00:00 web.1 app[12]: sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) FATAL:  password authentication failed for user \"app\"",
    ] {
        assert_eq!(found(pasted), expected, "{pasted}");
    }
}

#[test]
fn a_more_specific_text_ranks_first() {
    let first = |text: &str| found(text).first().copied();
    assert_eq!(
        first("connect() got an unexpected keyword argument 'sslmode'"),
        Some("asyncpg-sslmode")
    );
    assert_eq!(
        first(
            "FATAL:  no pg_hba.conf entry for host \"h\", user \"u\", database \"d\", no encryption"
        ),
        Some("hba-needs-tls")
    );
    assert_eq!(
        first("root certificate file \"system\" does not exist"),
        Some("rootcert-system")
    );
}

#[test]
fn several_failures_in_one_paste_are_all_found() {
    let paste = "a\nFATAL:  sorry, too many clients already\nb\nERROR:  permission denied for schema public\n";
    let ids = found(paste);
    assert!(
        ids.contains(&"too-many-clients") && ids.contains(&"q-schema-perm"),
        "{ids:?}"
    );
}

#[test]
fn every_known_line_holds_a_trigger() {
    let triggers = super::triggers();
    assert!(
        triggers
            .iter()
            .all(|trigger| trigger.len() >= super::TRIGGER),
        "{triggers:?}"
    );
    for (page, text) in samples(include_str!("known.txt")) {
        for line in text.lines().filter(|line| !found(line).is_empty()) {
            assert!(
                triggers.iter().any(|trigger| line.contains(trigger)),
                "{page}: {line}"
            );
        }
    }
    for text in all().flat_map(|cause| cause.texts) {
        let line = filled(text);
        assert!(
            triggers.iter().any(|trigger| line.contains(trigger)),
            "{line}"
        );
    }
}

/// Pieces from which texts near the known ones are put together.
fn piece() -> impl Strategy<Value = String> {
    let texts: Vec<&str> = all().flat_map(|cause| cause.texts).copied().collect();
    prop_oneof![
        (0..texts.len()).prop_map(move |index| filled(texts[index])),
        any::<String>(),
        "[ \"'\\\\nrt\\n\\[\\]{}:0-9m\u{1b}&;\u{201c}]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_search_fail(pieces in prop::collection::vec(piece(), 0..6), cut in 0..200_usize) {
        let text = pieces.concat().into_bytes();
        let text = &text[cut.min(text.len())..];
        let fits = search(text);
        prop_assert!(fits.iter().all(|fit| fit.score > 0.0 && fit.score < 1.0));
        prop_assert!(fits.is_sorted_by(|left, right| left.score >= right.score));
    }

    #[test]
    fn no_bytes_make_the_search_fail(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        search(&bytes);
    }
}
