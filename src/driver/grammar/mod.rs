//! The URL grammars that several drivers share.

pub(super) mod sqlalchemy;
pub(super) mod urllib;
pub(super) mod whatwg;
