//! What Python's constructors make of texts and numbers.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::{Evaluated, Evaluator};
use crate::inputs::python::value::{Data, Value};
use crate::value::python_int;

/// What the libraries that read settings take for a truth value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Truths {
    /// pydantic.
    Pydantic,
    /// `python-decouple` and `distutils.util.strtobool`.
    Strtobool,
    /// starlette.
    Starlette,
    /// environs (marshmallow).
    Environs,
    /// django-environ: everything else is false.
    DjangoEnviron,
}

impl Truths {
    /// Returns what a text is; `None` where it is refused.
    pub(super) fn read(self, text: &str) -> Option<bool> {
        let lower = text.to_lowercase();
        let lower = lower.as_str();
        match self {
            Self::Pydantic => match lower {
                "1" | "on" | "t" | "true" | "y" | "yes" => Some(true),
                "0" | "off" | "f" | "false" | "n" | "no" => Some(false),
                _ => None,
            },
            Self::Strtobool => match lower {
                "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
                "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
                _ => None,
            },
            Self::Starlette => match lower {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Self::Environs => match text {
                "t" | "T" | "true" | "True" | "TRUE" | "on" | "On" | "ON" | "y" | "Y" | "yes"
                | "Yes" | "YES" | "1" => Some(true),
                "f" | "F" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" | "n" | "N"
                | "no" | "No" | "NO" | "0" => Some(false),
                _ => None,
            },
            Self::DjangoEnviron => Some(matches!(lower, "true" | "on" | "ok" | "y" | "yes" | "1")),
        }
    }
}

impl<'a> Evaluator<'a> {
    /// `int(value)`.
    pub(super) fn to_int(&mut self, value: &Value<'a>, expr: &'a Expr) -> Evaluated<'a> {
        let number = match &value.data {
            Data::Int(number) => Some(*number),
            Data::Bool(truth) => Some(i64::from(*truth)),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "int() truncates, in this range exactly"
            )]
            Data::Float(number) if number.abs() < 1e15 => Some(number.trunc() as i64),
            Data::Str(text) => match python_int(text) {
                Some(number) if number.value != i64::MAX && number.value != i64::MIN => {
                    Some(number.value)
                }
                Some(_) => None,
                None => return Ok(self.fail("ValueError", expr)?.made_of(value)),
            },
            Data::None | Data::Tuple(_) => {
                return Ok(self.fail("TypeError", expr)?.made_of(value));
            }
            _ => None,
        };
        Ok(match number {
            Some(number) => value.with(Data::Int(number)),
            None => self.unknown(expr).made_of(value),
        })
    }

    /// `float(value)`.
    pub(super) fn to_float(&mut self, value: &Value<'a>, expr: &'a Expr) -> Evaluated<'a> {
        let number = match &value.data {
            #[expect(clippy::cast_precision_loss, reason = "float() rounds just so")]
            Data::Int(number) => Some(*number as f64),
            Data::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Data::Float(number) => Some(*number),
            Data::Str(text) => {
                let trimmed = text.trim();
                let plain = trimmed
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
                match trimmed.parse::<f64>() {
                    Ok(number) if plain => Some(number),
                    Err(_) if plain || trimmed.is_empty() => {
                        return Ok(self.fail("ValueError", expr)?.made_of(value));
                    }
                    _ => None,
                }
            }
            Data::None => return Ok(self.fail("TypeError", expr)?.made_of(value)),
            _ => None,
        };
        Ok(match number {
            Some(number) => value.with(Data::Float(number)),
            None => self.unknown(expr).made_of(value),
        })
    }

    /// `bool(value)`.
    pub(super) fn to_bool(&mut self, value: &Value<'a>, expr: &'a Expr) -> Value<'a> {
        match self.truth(value) {
            Some(truth) => value.with(Data::Bool(truth)),
            None => self.unknown(expr).made_of(value),
        }
    }

    /// `str(value)`.
    pub(super) fn to_str(&mut self, value: &Value<'a>, expr: &'a Expr) -> Value<'a> {
        match value.display() {
            Some(text) => value.with(Data::Str(Rc::from(text))),
            None if matches!(value.data, Data::Prefix(..)) => value.clone(),
            None => self.unknown(expr).made_of(value),
        }
    }

    /// Converts a text as a library that reads settings does, by the name of the type.
    pub(super) fn cast(
        &mut self,
        value: &Value<'a>,
        cast: &str,
        truths: Truths,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        match cast {
            "int" => self.to_int(value, expr),
            "float" => self.to_float(value, expr),
            "str" => Ok(self.to_str(value, expr)),
            "bool" => match &value.data {
                Data::Bool(_) => Ok(value.clone()),
                Data::Int(number @ (0 | 1)) => Ok(value.with(Data::Bool(*number == 1))),
                Data::Str(text) => match truths.read(text) {
                    Some(truth) => Ok(value.with(Data::Bool(truth))),
                    None => Ok(self.fail("ValueError", expr)?.made_of(value)),
                },
                _ => Ok(self.unknown(expr).made_of(value)),
            },
            _ => Ok(self.unknown(expr).made_of(value)),
        }
    }
}
