//! The corpus of failures says of each page whether its texts are provoked or typed in.

use std::fs;

#[test]
fn a_page_that_no_test_provokes_says_that_its_texts_are_typed_in() {
    let mut tests = String::new();
    for entry in fs::read_dir("tests/explain").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            tests += &fs::read_to_string(path).unwrap();
        }
    }
    let corpus = fs::read_to_string("src/causes/known.txt").unwrap();
    let mut lines = corpus
        .lines()
        .skip_while(|line| line.starts_with('#'))
        .take_while(|line| !line.starts_with("# Typed in, all that follow"))
        .filter(|line| !line.starts_with("  "));
    let (mut pages, mut typed) = (0, 0);
    while let Some(line) = lines.next() {
        let says = line.starts_with("# Typed in");
        let page = if says { lines.next().unwrap() } else { line };
        let provoked = tests.contains(&format!("\"{page}\""));
        assert_ne!(
            provoked, says,
            "{page}: provoked in tests/explain, or typed in?"
        );
        pages += 1;
        typed += usize::from(says);
    }
    assert!(pages > 200 && typed > 0, "{typed} of {pages}");
}
