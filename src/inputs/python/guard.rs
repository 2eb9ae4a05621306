//! Guards: tests of the connection string that stop the program, `if "sslmode" in url: raise …`.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, ExprCall, Stmt, UnaryOp};
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
        if let Stmt::Assert(assertion) = statement
            && let Some((parameter, wanted)) = self.tested(&assertion.test)
        {
            self.found
                .push((statement.start().into(), parameter, !wanted));
        }
        let Stmt::If(branch) = statement else {
            return walk_stmt(self, statement);
        };
        // What stands inside of another test depends on that one.
        if branch
            .body
            .iter()
            .any(|inner| matches!(inner, Stmt::Raise(_)) || ends_program(inner))
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
                let ([op], [right]) = (&*compare.ops, &*compare.comparators) else {
                    return None;
                };
                match op {
                    CmpOp::In => Some((self.parameter(&compare.left, right)?, true)),
                    CmpOp::NotIn => Some((self.parameter(&compare.left, right)?, false)),
                    _ => self.compared(&compare.left, *op, right),
                }
            }
            Expr::Call(call) => {
                let (name, parameter) = self.sought(call)?;
                // `find` gives -1 where there is nothing, which is true.
                (name != "find").then_some((parameter, true))
            }
            _ => None,
        }
    }

    /// Reads `url.find("sslmode") != -1` and `query.get("sslmode") is not None`.
    fn compared(&self, left: &Expr, op: CmpOp, right: &Expr) -> Option<(String, bool)> {
        let (name, parameter) = self.sought(left.as_call_expr()?)?;
        let text = self.shown(right)?;
        let forbids = match (name, op, text) {
            ("find", CmpOp::NotEq | CmpOp::Gt, "-1") => true,
            ("find", CmpOp::GtE, "0") => true,
            ("find", CmpOp::Eq, "-1") | ("find", CmpOp::Lt, "0") => false,
            ("count", CmpOp::Gt | CmpOp::NotEq, "0") => true,
            ("count", CmpOp::Eq, "0") => false,
            ("get" | "search", CmpOp::IsNot, "None") => true,
            ("get" | "search", CmpOp::Is, "None") => false,
            _ => return None,
        };
        Some((parameter, forbids))
    }

    /// Returns the method that looks for a parameter, and the parameter.
    fn sought<'e>(&self, call: &'e ExprCall) -> Option<(&'e str, String)> {
        let Expr::Attribute(method) = &*call.func else {
            return None;
        };
        let name = method.attr.as_str();
        let (needle, place) = match (name, &*call.arguments.args) {
            ("find" | "count" | "get", [needle, ..]) => (needle, &*method.value),
            ("search", [needle, place, ..]) => (needle, place),
            _ => return None,
        };
        Some((name, self.parameter(needle, place)?))
    }

    /// Returns the parameter that a text names, where what it is looked for in is a connection
    /// string or its query.
    fn parameter(&self, needle: &Expr, place: &Expr) -> Option<String> {
        let Expr::StringLiteral(needle) = needle else {
            return None;
        };
        let place = self.shown(place)?.to_ascii_lowercase();
        let holds = |words: &[&str]| words.iter().any(|word| place.contains(word));
        let parses = ["parse_qs(", "parse_qsl(", "make_url("]
            .iter()
            .any(|call| self.text.contains(call));
        let is_url = holds(&["url", "dsn", "conninfo"])
            || parses && holds(&["query", "params", "parsed", "qs"]);
        let parameter = needle
            .value
            .to_str()
            .trim_end_matches('=')
            .trim_start_matches("[?&]")
            .trim_start_matches(['?', '&']);
        (is_url && parameter == "sslmode").then(|| parameter.to_owned())
    }

    /// Returns an expression's text.
    fn shown(&self, expr: &Expr) -> Option<&str> {
        let range = expr.range();
        self.text
            .get(range.start().to_usize()..range.end().to_usize())
    }
}

/// Returns whether a statement ends the program: `sys.exit(…)`.
fn ends_program(statement: &Stmt) -> bool {
    let Stmt::Expr(statement) = statement else {
        return false;
    };
    let Expr::Call(call) = &*statement.value else {
        return false;
    };
    match &*call.func {
        Expr::Attribute(attribute) => {
            let module = attribute.value.as_name_expr().map(|name| name.id.as_str());
            matches!(
                (module, attribute.attr.as_str()),
                (Some("sys"), "exit") | (Some("os"), "_exit" | "abort")
            )
        }
        Expr::Name(name) => matches!(name.id.as_str(), "exit" | "quit"),
        _ => false,
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
            ("url.find('sslmode') != -1", true),
            ("url.find('sslmode=') >= 0", true),
            ("url.find('sslmode') == -1", false),
            ("url.count('sslmode') > 0", true),
            ("re.search('sslmode', dsn)", true),
            ("re.search(r'[?&]sslmode=', dsn) is None", false),
            ("'sslmode' in parse_qs(urlparse(dsn).query)", true),
            (
                "parse_qs(urlparse(url).query).get('sslmode') is not None",
                true,
            ),
            ("not make_url(url).query.get('sslmode')", false),
        ] {
            let text = format!("def f():\n    if {test}:\n        raise RuntimeError('x')\n");
            assert_eq!(guards(&text), [(2, forbids)], "{test}");
        }
        for (text, forbids) in [
            ("assert 'sslmode' in url\n", false),
            (
                "query = parse_qs(rest)\nif 'sslmode' in query:\n    raise ValueError\n",
                true,
            ),
            ("def f(url):\n    assert 'sslmode' not in url, 'no'\n", true),
            ("if 'sslmode' in url:\n    sys.exit(1)\n", true),
        ] {
            let found = guards(text).into_iter().map(|(_, forbids)| forbids);
            assert_eq!(found.collect::<Vec<_>>(), [forbids], "{text}");
        }
        for text in [
            "if url.find('sslmode'):\n    raise ValueError\n",
            "if 'sslmode' in query:\n    raise ValueError\n",
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
