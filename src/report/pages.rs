//! Pages about rules and failures, as `explain` shows them.

use std::io;

use serde::Serialize;

use super::style::{Style, Tone};

/// What happened, why, how to check and how to fix it. All of it is the program's own text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// The rule's or the failure's id.
    pub id: &'static str,
    /// One line that names it.
    pub title: &'static str,
    /// How well it fits what was asked, above 0 and up to 1.
    pub score: f64,
    /// What happened.
    pub what: &'static str,
    /// How it comes about, and why it hurts.
    pub why: &'static str,
    /// The command, the SQL or the log line that decides.
    pub check: String,
    /// The one thing to do.
    pub fix: &'static str,
    /// The drivers whose users meet it; empty means every driver.
    pub drivers: Vec<&'static str>,
    /// Where to read more.
    #[serde(skip)]
    pub references: &'static [&'static str],
}

/// How pages are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFormat {
    /// For a terminal.
    Human,
    /// CONTRACT 5, the end.
    Json,
    /// For a document.
    Markdown,
}

/// Writes pages in a format; the best fit is first.
pub fn render_pages(
    format: PageFormat,
    pages: &[Page],
    style: Style,
    width: usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        PageFormat::Human => pages.iter().enumerate().try_for_each(|(index, page)| {
            if index > 0 {
                writeln!(out)?;
            }
            human(page, style, width, out)
        }),
        PageFormat::Json => {
            let object = serde_json::json!({ "version": 1, "matches": pages });
            serde_json::to_writer_pretty(&mut *out, &object)?;
            writeln!(out)
        }
        PageFormat::Markdown => pages.iter().try_for_each(|page| markdown(page, out)),
    }
}

fn human(page: &Page, style: Style, width: usize, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{}  {}",
        style.paint(Tone::Heading, page.id),
        page.title
    )?;
    for (label, text, tone) in [
        ("what", page.what, Tone::Plain),
        ("why", page.why, Tone::Plain),
        ("check", page.check.as_str(), Tone::Plain),
        ("fix", page.fix, Tone::Note),
    ] {
        let mut label = format!("{label}:");
        for line in super::human::wrap(text, width.saturating_sub(10)) {
            writeln!(out, "  {label:<7} {}", style.paint(tone, &line))?;
            label.clear();
        }
    }
    let mut label = "with:";
    for line in super::human::wrap(&page.drivers.join(", "), width.saturating_sub(10)) {
        if !page.drivers.is_empty() {
            writeln!(out, "  {label:<7} {line}")?;
        }
        label = "";
    }
    page.references
        .iter()
        .try_for_each(|reference| writeln!(out, "  {:<7} {reference}", "more:"))
}

fn markdown(page: &Page, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "### `{}`\n\n{}\n",
        page.id,
        prose(&sentence(page.title))
    )?;
    if page.what != page.title {
        writeln!(out, "{}\n", prose(page.what))?;
    }
    writeln!(out, "{}\n", prose(page.why))?;
    writeln!(
        out,
        "- **Check**: {}\n- **Fix**: {}",
        prose(&page.check),
        prose(&sentence(page.fix))
    )?;
    if !page.drivers.is_empty() {
        writeln!(out, "- **Drivers**: {}", page.drivers.join(", "))?;
    }
    page.references
        .iter()
        .try_for_each(|reference| writeln!(out, "- <{reference}>"))?;
    writeln!(out)
}

/// Keeps `<ref>` from being read as HTML and `***` from being read as emphasis.
fn prose(text: &str) -> String {
    text.replace('<', "\\<").replace('*', "\\*")
}

/// Returns a fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if fragment.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{Page, PageFormat, render_pages};
    use crate::report::Style;

    fn page() -> Page {
        Page {
            id: "pw-wrong",
            title: "the password is wrong",
            score: 0.5,
            what: "The server refused the password.",
            why: "It was changed.",
            check: "the server's log".to_owned(),
            fix: "set the password that the provider shows",
            drivers: vec!["libpq"],
            references: &[],
        }
    }

    fn shown(format: PageFormat) -> String {
        let mut out = Vec::new();
        render_pages(format, &[page()], Style::default(), 80, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_person_reads_what_why_check_and_fix() {
        let text = shown(PageFormat::Human);
        for word in ["pw-wrong", "what:", "why:", "check:", "fix:", "with:"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        let json: serde_json::Value = serde_json::from_str(&shown(PageFormat::Json)).unwrap();
        let keys: Vec<_> = json["matches"][0]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut wanted = [
            "id", "title", "score", "what", "why", "check", "fix", "drivers",
        ];
        wanted.sort_unstable();
        let mut keys = keys;
        keys.sort_unstable();
        assert_eq!(keys, wanted);
        assert_eq!(json["version"], 1);
    }

    #[test]
    fn markdown_has_a_heading_per_page() {
        assert!(shown(PageFormat::Markdown).starts_with("### `pw-wrong`\n"));
    }
}
