//! What is wrong with a string of which each part is taken: its parameters contradict each other, or the
//! `PG*` variables of the process do.

use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Finding, Outcome, Seen};

/// Says what is wrong where each parameter is taken and the string is not: they contradict each other,
/// or a variable of the process contradicts them. Whatever else is wrong has rules of its own.
pub(super) fn not_together(all: &str, url: &DatabaseUrl, reader: &Reader) -> Option<Outcome> {
    let driver = &reader.driver;
    let alone = url.predict_alone(driver, all);
    if !alone.accepts {
        let error = alone.error.as_deref().unwrap_or("it is refused");
        let seen = Seen::new(format!(
            "{driver} takes each parameter, but not all of them together: {error}"
        ));
        return Some(
            seen.fail("remove the parameters that contradict each other")
                .into(),
        );
    }
    (!url.predict(driver, all).accepts).then(|| spoiled(all, url, reader).into())
}

/// Names the variables of the process without which a driver takes a string.
pub(super) fn spoiled(text: &str, url: &DatabaseUrl, reader: &Reader) -> Finding {
    let driver = &reader.driver;
    let error = url.predict(driver, text).error.unwrap_or_default();
    let names = match url.spoilers(driver, text).join(", ") {
        none if none.is_empty() => "the PG* variables".to_owned(),
        names => names,
    };
    Seen::new(format!(
        "{driver} takes the string, but not beside {names} of its process: {error}"
    ))
    .observed(names.clone())
    .fail(format!("correct or unset {names}"))
}
