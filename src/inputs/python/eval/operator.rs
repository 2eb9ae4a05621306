//! Operators: arithmetic, comparison, truth.

use std::rc::Rc;

use ruff_python_ast::{CmpOp, Expr, ExprCompare, Operator, UnaryOp};

use super::{Evaluated, Evaluator};
use crate::inputs::python::heap::{Key, Kind};
use crate::inputs::python::value::{Data, Value};

impl<'a> Evaluator<'a> {
    /// Returns whether a value counts as true.
    pub(super) fn truth(&self, value: &Value<'a>) -> Option<bool> {
        match &value.data {
            Data::None => Some(false),
            Data::Bool(truth) => Some(*truth),
            Data::Int(number) => Some(*number != 0),
            Data::Float(number) => Some(*number != 0.0),
            Data::Str(text) => Some(!text.is_empty()),
            Data::Prefix(text, _) if !text.is_empty() => Some(true),
            Data::Tuple(items) => Some(!items.is_empty()),
            Data::Object(id) => {
                let object = self.heap.object(*id);
                match &object.kind {
                    Kind::Dict | Kind::List if !object.fields.is_empty() => {
                        // A field of a dict may be one that is only set on some paths.
                        object
                            .fields
                            .values()
                            .any(|value| !value.is_unknown())
                            .then_some(true)
                    }
                    Kind::Dict | Kind::List if object.open.is_none() => Some(false),
                    Kind::Made(name) if !name.contains("environ") => Some(true),
                    Kind::Class(_) | Kind::Module(_) => Some(true),
                    Kind::Instance(class) => {
                        let plain = self.class_info(*class).is_some_and(|info| {
                            info.external.iter().all(|base| base.contains("pydantic"))
                                && !info.unknown_base
                                && !info.mro.iter().any(|&class| {
                                    ["__bool__", "__len__"].iter().any(|name| {
                                        self.heap.field(class, &Key::from(*name)).is_some()
                                    })
                                })
                        });
                        plain.then_some(true)
                    }
                    _ => None,
                }
            }
            Data::Function(_) | Data::Bound(..) => Some(true),
            _ => None,
        }
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Value<'a>, expr: &'a Expr) -> Value<'a> {
        let data = match (op, &operand.data) {
            (UnaryOp::Not, _) => self.truth(operand).map(|truth| Data::Bool(!truth)),
            (UnaryOp::USub, Data::Int(number)) => number.checked_neg().map(Data::Int),
            (UnaryOp::USub, Data::Float(number)) => Some(Data::Float(-number)),
            (UnaryOp::UAdd, Data::Int(_) | Data::Float(_)) => Some(operand.data.clone()),
            (UnaryOp::Invert, Data::Int(number)) => Some(Data::Int(!number)),
            _ => None,
        };
        match data {
            Some(data) => operand.with(data),
            None => self.unknown(expr).made_of(operand),
        }
    }

    pub(super) fn binary(
        &mut self,
        left: &Value<'a>,
        op: Operator,
        right: &Value<'a>,
        expr: &'a Expr,
    ) -> Evaluated<'a> {
        if op == Operator::Add
            && matches!(left.data, Data::Str(_) | Data::Prefix(..))
            && !matches!(right.data, Data::None | Data::Int(_))
        {
            return Ok(self.append(left, right, expr));
        }
        if op == Operator::BitOr
            && let (Some(a), Some(b)) = (left.object(), right.object())
            && matches!(self.heap.object(a).kind, Kind::Dict)
            && matches!(self.heap.object(b).kind, Kind::Dict)
        {
            let id = self.heap.make(Kind::Dict, Some(self.place(expr)));
            self.update(id, left, expr);
            self.update(id, right, expr);
            return Ok(Value::constant(Data::Object(id)));
        }
        let data = match (number(&left.data), number(&right.data)) {
            (Some(Number::Int(a)), Some(Number::Int(b))) => integers(a, op, b),
            (Some(a), Some(b)) => floats(a.float(), op, b.float()),
            _ => None,
        };
        Ok(match data {
            Some(data) => left.with(data).made_of(right),
            None => self.unknown(expr).made_of(left).made_of(right),
        })
    }

    pub(super) fn compare(&mut self, compare: &'a ExprCompare, expr: &'a Expr) -> Evaluated<'a> {
        let mut left = self.eval(&compare.left)?;
        let mut result = left.with(Data::Bool(true));
        let mut known = Some(true);
        for (op, comparator) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.eval(comparator)?;
            let truth = self.compare_one(&left, *op, &right);
            known = match (known, truth) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            result = result.made_of(&right);
            if right.external() == Some("os.environ")
                && let Some(name) = left.as_str()
            {
                let name: Rc<str> = name.into();
                self.outcome.variables.insert(Rc::clone(&name));
                result = result.decided_by(&Some(Rc::new([name].into())));
            }
            left = right;
        }
        Ok(match known {
            Some(truth) => result.with(Data::Bool(truth)),
            None => self.unknown(expr).made_of(&result),
        })
    }

    fn compare_one(&self, left: &Value<'a>, op: CmpOp, right: &Value<'a>) -> Option<bool> {
        match op {
            CmpOp::Eq => self.equal(left, right),
            CmpOp::NotEq => self.equal(left, right).map(|truth| !truth),
            CmpOp::Is => identical(left, right),
            CmpOp::IsNot => identical(left, right).map(|truth| !truth),
            CmpOp::In => self.contains(right, left),
            CmpOp::NotIn => self.contains(right, left).map(|truth| !truth),
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
                let order = match (number(&left.data), number(&right.data)) {
                    (Some(Number::Int(a)), Some(Number::Int(b))) => Some(a.cmp(&b)),
                    (Some(a), Some(b)) => a.float().partial_cmp(&b.float()),
                    _ => match (&left.data, &right.data) {
                        (Data::Str(a), Data::Str(b)) => Some(a.cmp(b)),
                        _ => None,
                    },
                }?;
                Some(match op {
                    CmpOp::Lt => order.is_lt(),
                    CmpOp::LtE => order.is_le(),
                    CmpOp::Gt => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    /// Returns whether two values are equal.
    pub(super) fn equal(&self, left: &Value<'a>, right: &Value<'a>) -> Option<bool> {
        match (number(&left.data), number(&right.data)) {
            (Some(Number::Int(a)), Some(Number::Int(b))) => return Some(a == b),
            #[expect(clippy::float_cmp, reason = "Python compares just so")]
            (Some(a), Some(b)) => return Some(a.float() == b.float()),
            _ => {}
        }
        match (&left.data, &right.data) {
            (Data::Str(a), Data::Str(b)) => Some(a == b),
            (Data::Prefix(known, _), Data::Str(text))
            | (Data::Str(text), Data::Prefix(known, _)) => {
                if text.starts_with(&**known) {
                    None
                } else {
                    Some(false)
                }
            }
            (Data::None, Data::None) => Some(true),
            (a, b) if plain(a) && plain(b) => Some(false),
            _ => None,
        }
    }

    fn contains(&self, container: &Value<'a>, item: &Value<'a>) -> Option<bool> {
        if container.external() == Some("os.environ") {
            return self.environ_has(item);
        }
        match (&container.data, &item.data) {
            (Data::Str(text), Data::Str(part)) => return Some(text.contains(&**part)),
            (Data::Prefix(text, _), Data::Str(part)) => {
                if text.contains(&**part) {
                    return Some(true);
                }
                // What follows a known scheme holds no second scheme.
                let scheme = text.contains("://")
                    && [
                        "sqlite", "postgres", "mysql", "asyncpg", "psycopg", "mssql", "oracle",
                    ]
                    .iter()
                    .any(|word| part.starts_with(word));
                return (scheme && part.ends_with("://")).then_some(false);
            }
            _ => {}
        }
        if let Data::Object(id) = container.data
            && matches!(self.heap.object(id).kind, Kind::Dict)
        {
            let key = Key::of(item)?;
            let object = self.heap.object(id);
            return match object.fields.get(&key) {
                Some(value) if !value.is_unknown() => Some(true),
                Some(_) => None,
                None => object.open.is_none().then_some(false),
            };
        }
        let mut sure = true;
        for other in self.items(container)? {
            match self.equal(&other, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => sure = false,
            }
        }
        sure.then_some(false)
    }
}

#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "Python rounds just so")]
    fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

fn number(data: &Data<'_>) -> Option<Number> {
    match data {
        Data::Int(number) => Some(Number::Int(*number)),
        Data::Bool(truth) => Some(Number::Int(i64::from(*truth))),
        Data::Float(number) => Some(Number::Float(*number)),
        _ => None,
    }
}

/// Returns whether a value is one of which two kinds are never equal.
fn plain(data: &Data<'_>) -> bool {
    matches!(
        data,
        Data::None
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::Str(_)
            | Data::Prefix(..)
    )
}

fn identical(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (&left.data, &right.data) {
        (Data::None, Data::None) => Some(true),
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) => None,
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::External(_), _) | (_, Data::External(_)) => left.same(right).then_some(true),
        (Data::None | Data::Bool(_), _) | (_, Data::None | Data::Bool(_)) => Some(false),
        (Data::Object(a), Data::Object(b)) => Some(a == b),
        _ => None,
    }
}

fn integers<'a>(a: i64, op: Operator, b: i64) -> Option<Data<'a>> {
    let number = match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        Operator::FloorDiv if b != 0 => {
            let quotient = a.checked_div(b)?;
            Some(if a % b != 0 && (a < 0) != (b < 0) {
                quotient - 1
            } else {
                quotient
            })
        }
        Operator::Mod if b != 0 => {
            let rest = a.checked_rem(b)?;
            Some(if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            })
        }
        Operator::LShift => u32::try_from(b)
            .ok()
            .filter(|&b| b < 32 && a.abs() < 1 << 31)
            .map(|b| a << b),
        Operator::RShift => u32::try_from(b).ok().filter(|&b| b < 63).map(|b| a >> b),
        Operator::BitAnd => Some(a & b),
        Operator::BitOr => Some(a | b),
        Operator::BitXor => Some(a ^ b),
        Operator::Div if b != 0 => {
            return floats(Number::Int(a).float(), op, Number::Int(b).float());
        }
        _ => None,
    }?;
    Some(Data::Int(number))
}

fn floats<'a>(a: f64, op: Operator, b: f64) -> Option<Data<'a>> {
    Some(Data::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        _ => return None,
    }))
}
