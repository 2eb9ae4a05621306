//! pydantic: models, and settings that read the environment.

use std::rc::Rc;

use ruff_python_ast::{Expr, Operator, Stmt};
use ruff_text_size::Ranged;

use super::call::Arguments;
use super::class::CLASS_KEYWORDS;
use super::numbers::Truths;
use super::{Evaluated, Evaluator, Raised, library};
use crate::inputs::python::heap::{ClassInfo, Key, Kind};
use crate::inputs::python::value::{Data, How, Id, Value};

/// Which of pydantic's two bases a class has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModelKind {
    /// `BaseModel`: fields come from arguments.
    Model,
    /// `BaseSettings`: fields come from the environment as well.
    Settings,
}

/// What a settings class says of its names.
#[derive(Clone, Debug, Default)]
struct Naming {
    prefix: String,
    case_sensitive: bool,
    delimiter: Option<String>,
    /// Whether a variable that is set to nothing counts as not set.
    ignore_empty: bool,
    /// Whether something about the configuration is not known.
    unknown: bool,
}

impl<'a> Evaluator<'a> {
    /// Returns whether a class is one of pydantic's.
    pub(super) fn model_kind(&self, info: &ClassInfo) -> Option<ModelKind> {
        let is = |name: &str| info.external.iter().any(|base| base.ends_with(name));
        if is("pydantic_settings.BaseSettings")
            || is("pydantic.BaseSettings")
            || is("pydantic.v1.BaseSettings")
        {
            Some(ModelKind::Settings)
        } else if is("pydantic.BaseModel") || is("pydantic.v1.BaseModel") {
            Some(ModelKind::Model)
        } else {
            None
        }
    }

    /// Gives a model's instance its fields.
    pub(super) fn fill_model(
        &mut self,
        id: Id,
        info: &Rc<ClassInfo>,
        kind: ModelKind,
        arguments: &Arguments<'a>,
        expr: &'a Expr,
    ) -> Result<(), Raised> {
        let naming = self.naming(info, arguments);
        let touched = self.validated_fields(info);
        let special = [
            "settings_customise_sources",
            "model_post_init",
            "__init_subclass__",
        ]
        .iter()
        .any(|name| self.heap.field(info.mro[0], &Key::from(*name)).is_some());
        for (class, name, annotation) in self.fields_of(info) {
            let key = Key::Name(Rc::clone(&name));
            let declared = self.heap.field(class, &key).cloned();
            let given = arguments.keyword(&name).cloned();
            let mut value = match (given, kind) {
                (Some(value), _) => self.coerce(&value.named(), annotation, expr)?,
                (None, _) if arguments.is_open() => self.unknown(expr),
                (None, ModelKind::Model) => {
                    self.declared_default(declared.as_ref(), annotation, expr)?
                }
                (None, ModelKind::Settings) => {
                    self.setting(&name, declared.as_ref(), annotation, &naming, expr)?
                }
            };
            if naming.unknown
                || special
                || touched.iter().any(|text| {
                    text.contains(&*name) || text.contains("\"*\"") || text.contains("'*'")
                })
            {
                let reason = self.reason_at(
                    info.file,
                    &format!("{}.{name}", info.name),
                    annotation.start().into(),
                );
                value = value.with(Data::Unknown(reason));
            }
            self.heap.set(id, key, Some(value));
        }
        let _ = library::is_field;
        Ok(())
    }

    /// Reads a settings class's configuration.
    fn naming(&mut self, info: &ClassInfo, arguments: &Arguments<'a>) -> Naming {
        let mut naming = Naming::default();
        let keywords = Key::Other(CLASS_KEYWORDS.into());
        for &class in info.mro.iter().rev() {
            let keys = [
                Key::from("model_config"),
                Key::from("Config"),
                keywords.clone(),
            ];
            for key in keys {
                let Some(config) = self.heap.field(class, &key) else {
                    continue;
                };
                match config.object() {
                    Some(config) => self.name_by(config, &mut naming),
                    None => naming.unknown = true,
                }
            }
        }
        if let Some(prefix) = arguments.keyword("_env_prefix") {
            match prefix.as_str() {
                Some(text) => naming.prefix = text.to_owned(),
                None => naming.unknown = true,
            }
        }
        naming
    }

    /// Takes what one configuration says of names.
    fn name_by(&self, config: Id, naming: &mut Naming) {
        naming.unknown |= self.heap.object(config).open.is_some();
        for (key, field) in &self.heap.object(config).fields {
            let Key::Name(name) = key else { continue };
            match (&**name, &field.data) {
                ("env_prefix", Data::Str(text)) => naming.prefix = text.to_string(),
                ("case_sensitive", Data::Bool(truth)) => naming.case_sensitive = *truth,
                ("env_ignore_empty", Data::Bool(truth)) => naming.ignore_empty = *truth,
                ("env_nested_delimiter", Data::Str(text)) => {
                    naming.delimiter = Some(text.to_string());
                }
                (
                    "env_prefix" | "case_sensitive" | "env_nested_delimiter" | "env_ignore_empty",
                    Data::Unknown(_),
                ) => naming.unknown = true,
                (
                    "secrets_dir"
                    | "toml_file"
                    | "yaml_file"
                    | "json_file"
                    | "cli_parse_args"
                    | "alias_generator"
                    | "fields"
                    | "env_nested_max_split"
                    | "nested_model_default_partial_update",
                    _,
                ) if !matches!(field.data, Data::None | Data::Bool(false)) => {
                    naming.unknown = true;
                }
                _ => {}
            }
        }
    }

    /// Returns the texts of the validators, which may change the fields that they name.
    fn validated_fields(&self, info: &ClassInfo) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for &class in &info.mro {
            let Some(site) = self.heap.object(class).site else {
                continue;
            };
            let Some(def) = self.modules.class_at(site) else {
                continue;
            };
            for statement in &def.body {
                let Stmt::FunctionDef(method) = statement else {
                    continue;
                };
                let validator = method
                    .decorator_list
                    .iter()
                    .any(|decorator| super::shown(&decorator.expression).contains("validator"));
                if validator {
                    let text = self.modules.text(site.file);
                    texts.push(&text[usize::from(method.start())..usize::from(method.end())]);
                }
            }
        }
        texts
    }

    /// Returns a model field's default.
    fn declared_default(
        &mut self,
        declared: Option<&Value<'a>>,
        annotation: &'a Expr,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        if let Some(declared) = declared {
            self.field_default(declared, expr)
        } else {
            if self.is_model(annotation).is_some() {
                return Ok(self.unknown(expr));
            }
            Ok(self.unknown(annotation))
        }
    }

    fn is_model(&mut self, annotation: &'a Expr) -> Option<Id> {
        let value = self.eval(annotation).ok()?;
        let id = value.object()?;
        let info = self.class_info(id)?;
        self.model_kind(&info).map(|_| id)
    }

    /// Returns a settings field's value: from the environment, or its default.
    fn setting(
        &mut self,
        name: &Rc<str>,
        declared: Option<&Value<'a>>,
        annotation: &'a Expr,
        naming: &Naming,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let Some(names) = self.variable_names(name, declared, annotation, naming) else {
            return Ok(self.unknown(annotation));
        };
        let mut first: Option<Rc<str>> = None;
        for variable in &names {
            let (found, value) = self.lookup_insensitive(variable, naming.case_sensitive);
            first.get_or_insert_with(|| Rc::clone(&found));
            let empty = naming.ignore_empty
                && value
                    .as_ref()
                    .and_then(Value::as_str)
                    .is_some_and(str::is_empty);
            if let Some(value) = value.filter(|_| !empty) {
                return self.coerce(&value, annotation, expr);
            }
        }
        if let (Some(delimiter), Some(class)) = (&naming.delimiter, self.is_model(annotation)) {
            let below: Vec<String> = names
                .iter()
                .map(|variable| format!("{variable}{delimiter}"))
                .collect();
            return self.nested(class, declared, &below, naming, expr);
        }
        let mut value = match declared {
            Some(declared) => self.field_default(declared, expr)?,
            None => self.unknown(annotation),
        };
        if let Some(delimiter) = &naming.delimiter {
            for variable in &names {
                if self.sets_below(&format!("{variable}{delimiter}")) {
                    value = self.unknown(annotation).made_of(&value);
                }
            }
        }
        if let Some(variable) = first {
            value = self.from_default(&variable, value, annotation);
        }
        Ok(value)
    }

    /// Makes the model of a field whose own fields have variables, `DB__POOL_SIZE`: where one of
    /// them is set, all that are not have the defaults of the class, else those of the field.
    fn nested(
        &mut self,
        class: Id,
        declared: Option<&Value<'a>>,
        below: &[String],
        naming: &Naming,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        let Some(info) = self.class_info(class) else {
            return Ok(self.unknown(expr));
        };
        let mut set = false;
        for prefix in below {
            set |= self.sets_below(prefix);
        }
        let given = match declared {
            Some(declared) if !set => Some(self.field_default(declared, expr)?),
            _ => None,
        };
        let value = match given {
            Some(value) => self.copied(&value, expr),
            None => self.instantiate(class, Arguments::default(), expr)?,
        };
        let [prefix] = below else {
            return Ok(self.unknown(expr).made_of(&value));
        };
        let Some(id) = value.object() else {
            return Ok(value);
        };
        for (owner, name, annotation) in self.fields_of(&info) {
            let key = Key::Name(Rc::clone(&name));
            let declared = self.heap.field(owner, &key).cloned();
            let plain = self
                .variable_names(&name, declared.as_ref(), annotation, &Naming::default())
                .is_some_and(|names| names == [name.to_string()]);
            let Some(field) = self.heap.field(id, &key).cloned().filter(|_| plain) else {
                let unknown = self.unknown(annotation);
                self.heap.set(id, key, Some(unknown));
                continue;
            };
            let (variable, found) =
                self.lookup_insensitive(&format!("{prefix}{name}"), naming.case_sensitive);
            let touched = self.validated_fields(&info);
            let touched = touched.iter().any(|text| text.contains(&*name));
            let field = match (found, &naming.delimiter, self.is_model(annotation)) {
                (Some(found), _, _) if touched => self.unknown(annotation).made_of(&found),
                (Some(found), _, _) => self.coerce(&found, annotation, expr)?,
                (None, Some(delimiter), Some(inner)) => {
                    let below = format!("{prefix}{name}{delimiter}");
                    let inner_default = (!set).then_some(&field).or(declared.as_ref());
                    self.nested(inner, inner_default, &[below], naming, expr)?
                }
                (None, _, _) => self.from_default(&variable, field, annotation),
            };
            self.heap.set(id, key, Some(field));
        }
        Ok(value)
    }

    /// Returns the variables that a field is read from, in their order.
    fn variable_names(
        &mut self,
        name: &str,
        declared: Option<&Value<'a>>,
        annotation: &'a Expr,
        naming: &Naming,
    ) -> Option<Vec<String>> {
        let mut declarations: Vec<Id> = declared.and_then(Value::object).into_iter().collect();
        if let Expr::Subscript(subscript) = annotation
            && super::shown(&subscript.value).ends_with("Annotated")
            && let Expr::Tuple(parts) = &*subscript.slice
        {
            for part in parts.elts.iter().skip(1) {
                declarations.extend(self.eval(part).ok().and_then(|value| value.object()));
            }
        }
        for id in declarations {
            if !matches!(&self.heap.object(id).kind, Kind::Made(made) if library::is_field(made)) {
                continue;
            }
            for keyword in ["validation_alias", "alias", "env"] {
                let Some(alias) = self.heap.field(id, &Key::from(keyword)).cloned() else {
                    continue;
                };
                if let Some(text) = alias.as_str() {
                    return Some(vec![text.to_owned()]);
                }
                let choices = alias.object().filter(|&id| {
                    matches!(&self.heap.object(id).kind, Kind::Made(name) if name.ends_with("AliasChoices"))
                        || matches!(self.heap.object(id).kind, Kind::List)
                })?;
                return self
                    .heap
                    .object(choices)
                    .fields
                    .values()
                    .map(|value| value.as_str().map(str::to_owned))
                    .collect();
            }
        }
        Some(vec![format!("{}{name}", naming.prefix)])
    }

    /// Converts a value to a field's annotated type, as pydantic does.
    fn coerce(&mut self, value: &Value<'a>, annotation: &'a Expr, expr: &'a Expr) -> Evaluated<'a> {
        let types = simple_types(annotation);
        let from_environment = matches!(value.how, How::Env(_));
        if !from_environment {
            let fits = match &value.data {
                Data::Int(_) => types.iter().any(|name| *name == "int"),
                Data::Bool(_) => types.iter().any(|name| *name == "bool"),
                Data::Str(_) => types.iter().any(|name| *name == "str"),
                Data::None => types.iter().any(|name| *name == "None"),
                Data::Float(_) => types.iter().any(|name| *name == "float"),
                _ => true,
            };
            return Ok(if fits {
                value.clone()
            } else {
                self.unknown(expr).made_of(value)
            });
        }
        let Data::Str(text) = &value.data else {
            return Ok(value.clone());
        };
        let plain = !text.is_empty()
            && text.len() < 18
            && text
                .strip_prefix('-')
                .unwrap_or(text)
                .bytes()
                .all(|byte| byte.is_ascii_digit());
        let concrete: Vec<&str> = types
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "None")
            .collect();
        match concrete[..] {
            ["int" | "PositiveInt" | "NonNegativeInt"] if plain => self.to_int(value, expr),
            ["float"] if plain || text.parse::<f64>().is_ok() => self.to_float(value, expr),
            ["bool"] => match Truths::Pydantic.read(text) {
                Some(truth) => Ok(value.with(Data::Bool(truth))),
                None => Ok(self.unknown(expr).made_of(value)),
            },
            ["str" | "PostgresDsn" | "SecretStr" | "AnyUrl" | "Any"] => Ok(value.clone()),
            _ => Ok(self.unknown(expr).made_of(value)),
        }
    }
}

/// Returns the plain names of a type: `int`, `int | None`, `Optional[int]`, `Annotated[int, …]`.
fn simple_types(annotation: &Expr) -> Vec<String> {
    match annotation {
        Expr::NoneLiteral(_) => vec!["None".to_owned()],
        Expr::Name(name) => vec![name.id.to_string()],
        Expr::Attribute(attribute) => vec![attribute.attr.to_string()],
        Expr::StringLiteral(text) => vec![text.value.to_str().to_owned()],
        Expr::BinOp(union) if union.op == Operator::BitOr => {
            let mut types = simple_types(&union.left);
            types.extend(simple_types(&union.right));
            types
        }
        Expr::Subscript(subscript) => {
            let outer = super::shown(&subscript.value);
            let inner = match (outer.rsplit('.').next().unwrap_or(""), &*subscript.slice) {
                ("Optional", inner) => {
                    let mut types = simple_types(inner);
                    types.push("None".to_owned());
                    return types;
                }
                ("Union", Expr::Tuple(parts)) => {
                    return parts.elts.iter().flat_map(simple_types).collect();
                }
                ("Annotated", Expr::Tuple(parts)) => parts.elts.first(),
                ("Final", inner) => Some(inner),
                _ => None,
            };
            inner.map_or_else(|| vec![outer], simple_types)
        }
        other => vec![super::shown(other)],
    }
}
