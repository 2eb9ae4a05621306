//! The pages of `explain` as documents: what `docs/` holds.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::explain::{of_cause, of_rule};
use crate::causes;
use crate::report::{Page, PageFormat, Style, render_pages};
use crate::rules::RULES;

/// Returns `docs/rules.md`: the page of every rule, by family.
pub fn rules_document() -> String {
    let mut text = String::from(
        "# Rules\n\nThe pages of `dbharden explain RULE`, by family. This file is generated: \
         `DBHARDEN_BLESS=1 cargo test --test house` writes it anew.\n\n\
         The spec decides what passes; a page also says where the spec simplifies, and why one \
         might choose otherwise.\n\n",
    );
    let pages = RULES.iter().map(|rule| (rule.family(), of_rule(rule)));
    add_chapters(&mut text, pages.collect());
    text
}

/// Returns `docs/causes.md`: the page of every failure, by the stage at which it shows.
pub fn causes_document() -> String {
    let mut text = String::from(
        "# Failures\n\nThe pages that `dbharden explain \"ERROR TEXT\"` finds, by the stage at \
         which each failure shows. This file is generated: `DBHARDEN_BLESS=1 cargo test --test \
         house` writes it anew.\n\n",
    );
    let mut pages: Vec<_> = causes::all()
        .map(|cause| (cause.stage, of_cause(cause, 1.0)))
        .collect();
    // Stable: within a stage the pages' own order stays.
    pages.sort_by_key(|(stage, _)| *stage);
    let pages = pages.into_iter();
    add_chapters(
        &mut text,
        pages.map(|(stage, page)| (stage.name(), page)).collect(),
    );
    text
}

/// Writes a list of the chapters, and each chapter with its pages.
fn add_chapters(text: &mut String, pages: Vec<(&'static str, Page)>) {
    let mut listed = BTreeSet::new();
    for (chapter, _) in &pages {
        if listed.insert(*chapter) {
            let _ = writeln!(text, "- [{chapter}](#{chapter})");
        }
    }
    let mut current = "";
    for (chapter, page) in pages {
        if chapter != current {
            let _ = writeln!(text, "\n## {chapter}\n");
            current = chapter;
        }
        let mut out = Vec::new();
        let page = [page];
        // Writing to memory does not fail.
        let _ = render_pages(PageFormat::Markdown, &page, Style::default(), 80, &mut out);
        *text += &String::from_utf8_lossy(&out);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}
