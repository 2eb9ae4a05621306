//! The rules: each a value, each pure.

