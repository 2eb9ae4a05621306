//! Guards: tests of the connection string that stop the program, `if "sslmode" in url: raise …`.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Stmt, UnaryOp};
use ruff_text_size::Ranged;

use super::Project;
use super::syntax::with_room;
use crate::facts::{Role, UrlGuard};

impl Project {
    /// Returns the guards of the application's files; those of the files that name no `sslmode` are
    /// not looked for.
    pub fn guards(&self) -> Vec<UrlGuard> {
        with_room(|| {
            let fits = |file: &usize| {
                let text = self.modules.text(*file);
                self.modules.role(*file) == Role::App
                    && memchr::memmem::find(text.as_bytes(), b"sslmode").is_some()
            };
            let files = 0..self.modules.files().len();
            let files = files.filter(fits);
            files.flat_map(|file| self.of_file(file)).collect()
        })
    }

    fn of_file(&self, file: usize) -> Vec<UrlGuard> {
        let mut search = Search {
            text: self.modules.text(file),
            found: Vec::new(),
        };
        for statement in self.modules.body(file).unwrap_or_default() {
            search.visit_stmt(statement);
        }
        let guard = |(offset, parameter, forbids): (u32, String, bool)| UrlGuard {
            path: self.modules.path(file).to_owned(),
            line: self.modules.line(file, offset),
            parameter,
            forbids,
        };
        search.found.into_iter().map(guard).collect()
    }
}

struct Search<'a> {
    text: &'a str,
    found: Vec<(u32, String, bool)>,
}

impl<'a> StatementVisitor<'a> for Search<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let Stmt::If(branch) = statement else {
            return walk_stmt(self, statement);
        };
        // What stands inside of another test depends on that one.
        if branch
            .body
            .iter()
            .any(|inner| matches!(inner, Stmt::Raise(_)))
            && let Some((parameter, forbids)) = self.tested(&branch.test)
        {
            self.found
                .push((statement.start().into(), parameter, forbids));
        }
    }
}

impl Search<'_> {
    /// Returns the parameter whose presence, or absence, a test is about.
    fn tested(&self, test: &Expr) -> Option<(String, bool)> {
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => {
                let (parameter, forbids) = self.tested(&not.operand)?;
                Some((parameter, !forbids))
            }
            Expr::Compare(compare) => {
                let Expr::StringLiteral(needle) = &*compare.left else {
                    return None;
                };
                let ([op], [place]) = (&*compare.ops, &*compare.comparators) else {
                    return None;
                };
                let range = place.range();
                let place = self
                    .text
                    .get(range.start().to_usize()..range.end().to_usize())?;
                let place = place.to_ascii_lowercase();
                let is_url = ["url", "dsn", "conninfo"]
                    .iter()
                    .any(|word| place.contains(word));
                let parameter = needle
                    .value
                    .to_str()
                    .trim_end_matches('=')
                    .trim_start_matches(['?', '&']);
                let forbids = match op {
                    CmpOp::In => true,
                    CmpOp::NotIn => false,
                    _ => return None,
                };
                (is_url && parameter == "sslmode").then(|| (parameter.to_owned(), forbids))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::inputs::python::{ProjectSources, scan};

    fn guards(text: &str) -> Vec<(u32, bool)> {
        let project = scan(ProjectSources::from_texts([("app/db.py", text)]));
        let found = project.guards().into_iter();
        found.map(|guard| (guard.line, guard.forbids)).collect()
    }

    #[test]
    fn a_test_that_stops_the_program_is_a_guard() {
        for (test, forbids) in [
            ("'sslmode' in DATABASE_URL", true),
            ("\"sslmode=\" in settings.database_url", true),
            ("'sslmode' not in url", false),
            ("not 'sslmode' in url", false),
        ] {
            let text = format!("def f():\n    if {test}:\n        raise RuntimeError('x')\n");
            assert_eq!(guards(&text), [(2, forbids)], "{test}");
        }
        for text in [
            "if 'sslmode' in url:\n    url = url + 'x'  # raise\n",
            "if 'sslmode' in url and production:\n    raise ValueError\n",
            "if neon:\n    if 'sslmode' in url:\n        raise ValueError\n",
            "if 'sslmode' in kwargs:\n    raise ValueError\n",
            "if 'sslmode=require' in url:\n    raise ValueError\n",
        ] {
            assert_eq!(guards(text), [], "{text}");
        }
    }
}
