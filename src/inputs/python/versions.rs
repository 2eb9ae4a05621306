//! Which versions of which packages a project's lock and requirement files name.

/// What a file says of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    /// The version, or the bound as it is written: `2.0.44`, `>=2.0`.
    pub(super) version: Option<String>,
    /// Whether it is a lock file's, or pinned with `==`.
    pub(super) exact: bool,
    /// The file.
    pub(super) file: String,
}

/// Returns whether a file names packages by version.
pub(super) fn is_requirements(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        "poetry.lock"
            | "uv.lock"
            | "pdm.lock"
            | "Pipfile.lock"
            | "Pipfile"
            | "pyproject.toml"
            | "setup.cfg"
            | "environment.yml"
            | "constraints.txt"
    ) || ((name.starts_with("requirements")
        || name.ends_with("requirements.txt")
        || name.ends_with("requirements.in"))
        && (name.ends_with(".txt") || name.ends_with(".in")))
        || (path.contains("requirements/") && name.ends_with(".txt"))
}

/// Returns what the files say of a package to a file of the project: the nearest folder's files
/// count, and of those a lock before a bound.
pub(super) fn requirement(
    files: &[(String, String)],
    path: &str,
    package: &str,
) -> Option<Requirement> {
    let mut found: Vec<(usize, Requirement)> = files
        .iter()
        .filter_map(|(file, text)| {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let near = folder.is_empty() || path.starts_with(&format!("{folder}/"));
            let requirement = in_file(file, text, package)?;
            let rank = if near { 1 + folder.len() } else { 0 };
            Some((rank, requirement))
        })
        .collect();
    found.sort_by_key(|(rank, requirement)| (std::cmp::Reverse(*rank), !requirement.exact));
    found.into_iter().next().map(|(_, requirement)| requirement)
}

fn in_file(file: &str, text: &str, package: &str) -> Option<Requirement> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let requirement = |version: Option<String>, exact: bool| Requirement {
        version,
        exact,
        file: file.to_owned(),
    };
    if name == "Pipfile.lock" {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let entry = json
            .get("default")?
            .as_object()?
            .iter()
            .find(|(key, _)| same(key, package))?
            .1;
        let version = entry.get("version").and_then(|version| version.as_str());
        return Some(requirement(
            version.map(|version| version.trim_start_matches("==").to_owned()),
            true,
        ));
    }
    if name.ends_with(".lock") {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let named = line
                .strip_prefix("name = \"")
                .and_then(|rest| rest.strip_suffix('"'))
                .is_some_and(|found| same(found, package));
            if named {
                let version = lines
                    .next()
                    .and_then(|line| line.strip_prefix("version = \""))
                    .and_then(|rest| rest.strip_suffix('"'));
                return Some(requirement(version.map(str::to_owned), true));
            }
        }
        return None;
    }
    text.lines().find_map(|line| {
        let (version, exact) = in_line(line, package)?;
        Some(requirement(version, exact))
    })
}

/// Reads `package==1.2`, `"package[extra]>=1.2",`, `package = "^1.2"`.
fn in_line(line: &str, package: &str) -> Option<(Option<String>, bool)> {
    let line = line
        .trim()
        .trim_start_matches("- ")
        .trim_start_matches(['"', '\'']);
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(line.len());
    if !same(&line[..end], package) {
        return None;
    }
    let mut rest = line[end..].trim_start();
    if rest.starts_with('[') {
        rest = rest
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    let rest = rest.trim_start_matches(['"', '\'']).trim_start();
    let rest = match rest.strip_prefix("= ").or_else(|| rest.strip_prefix("=\"")) {
        Some(value) => version_in(value),
        None => rest.to_owned(),
    };
    let bound: String = rest
        .chars()
        .take_while(|c| !";#\"'\\ )]}".contains(*c) || *c == ' ')
        .filter(|c| *c != ' ')
        .collect();
    let bound = bound.trim_end_matches(',').to_owned();
    let exact = bound.starts_with("==") && !bound.contains('*') && !bound.contains(',');
    let version = if exact {
        bound.trim_start_matches('=').to_owned()
    } else {
        bound
    };
    Some((Some(version).filter(|version| !version.is_empty()), exact))
}

/// Returns the text of `"^1.2"`, or of `{version = "^1.2", …}`.
fn version_in(value: &str) -> String {
    let value = match value.find("version") {
        Some(at) => &value[at + "version".len()..],
        None => value,
    };
    value
        .trim_start_matches(['=', ' ', '"', '\'', '{'])
        .chars()
        .take_while(|c| !"\"'}".contains(*c))
        .collect()
}

/// Returns whether two names are one package's: case and `-_.` do not matter.
fn same(a: &str, b: &str) -> bool {
    let tidy = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    tidy(a) == tidy(b)
}

/// Returns the first two numbers of a version or the least that a bound allows.
pub(super) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits.split(|c: char| !c.is_ascii_digit());
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::requirement;

    #[test]
    fn each_kind_of_file_tells_a_version() {
        let cases = [
            (
                "requirements.txt",
                "fastapi\nSQLAlchemy==2.0.44  # orm\n",
                Some("2.0.44"),
                true,
            ),
            (
                "requirements.txt",
                "sqlalchemy[asyncio] >= 2.0, < 2.1 ; python_version > '3.8'",
                Some(">=2.0,<2.1"),
                false,
            ),
            ("requirements.txt", "sqlalchemy\n", None, false),
            (
                "pyproject.toml",
                "dependencies = [\n  \"sqlalchemy>=2.0\",\n]",
                Some(">=2.0"),
                false,
            ),
            (
                "pyproject.toml",
                "[tool.poetry.dependencies]\nsqlalchemy = \"^2.0.44\"",
                Some("^2.0.44"),
                false,
            ),
            (
                "pyproject.toml",
                "sqlalchemy = {extras = [\"asyncio\"], version = \"^2.0\"}",
                Some("^2.0"),
                false,
            ),
            (
                "poetry.lock",
                "[[package]]\nname = \"sqlalchemy\"\nversion = \"2.0.45\"\n",
                Some("2.0.45"),
                true,
            ),
            (
                "Pipfile.lock",
                "{\"default\":{\"sqlalchemy\":{\"version\":\"==1.4.54\"}}}",
                Some("1.4.54"),
                true,
            ),
        ];
        for (file, text, version, exact) in cases {
            let files = [(file.to_owned(), text.to_owned())];
            let found = requirement(&files, "app/db.py", "SQLAlchemy").unwrap();
            assert_eq!(
                (found.version.as_deref(), found.exact),
                (version, exact),
                "{file}: {text}"
            );
        }
    }

    #[test]
    fn a_lock_counts_before_a_bound_and_the_nearest_folder_before_others() {
        let files = [
            (
                "pyproject.toml".to_owned(),
                "sqlalchemy = \"^2.0.44\"".to_owned(),
            ),
            (
                "poetry.lock".to_owned(),
                "name = \"sqlalchemy\"\nversion = \"2.0.45\"".to_owned(),
            ),
            (
                "api/requirements.txt".to_owned(),
                "sqlalchemy==1.4.54".to_owned(),
            ),
        ];
        assert_eq!(
            requirement(&files, "app/db.py", "sqlalchemy").unwrap().file,
            "poetry.lock"
        );
        assert_eq!(
            requirement(&files, "api/db.py", "sqlalchemy").unwrap().file,
            "api/requirements.txt"
        );
    }
}
