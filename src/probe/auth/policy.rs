//! What a server may ask for before anything is answered.

use std::fmt;
use std::rc::Rc;

use super::breach::Breach;
use super::notes::{Asked, Notes};
use crate::probe::tls::Digest;

/// libpq's `channel_binding`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::probe) enum Binding {
    /// Never.
    Disable,
    /// Where the server offers it.
    #[default]
    Prefer,
    /// Or no session.
    Require,
}

/// libpq's `require_auth`: the methods that are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct RequireAuth {
    listed: Vec<String>,
    negated: bool,
}

impl RequireAuth {
    /// Reads the list; `None` where it is empty.
    pub(in crate::probe) fn parse(text: &str) -> Option<Self> {
        let methods: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|m| !m.is_empty())
            .collect();
        let negated = methods.first()?.starts_with('!');
        Some(Self {
            listed: methods
                .iter()
                .map(|m| m.trim_start_matches('!').to_owned())
                .collect(),
            negated,
        })
    }

    fn allows(&self, method: &str) -> bool {
        self.listed.iter().any(|m| m == method) != self.negated
    }
}

/// What a server may ask for.
#[derive(Clone)]
pub(in crate::probe) struct Policy {
    /// Whether there is a password to give.
    pub has_password: bool,
    /// Whether it may be sent in clear; asked only when a server wants it so.
    pub cleartext: Rc<dyn Fn() -> bool>,
    /// Whether an md5 answer may be sent.
    pub md5: bool,
    /// Whether the stream is encrypted.
    pub encrypted: bool,
    /// The digest that channel binding needs.
    pub digest: Digest,
    /// `channel_binding`
    pub binding: Binding,
    /// `require_auth`
    pub required: Option<RequireAuth>,
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("encrypted", &self.encrypted)
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// Judges an authentication message before the client sees it.
    pub(super) fn judge(&self, notes: &mut Notes, body: &[u8]) -> Result<(), Breach> {
        let Some((code, rest)) = body.split_first_chunk::<4>() else {
            return Err(Breach::Length {
                tag: b'R',
                length: body.len() + 4,
            });
        };
        match u32::from_be_bytes(*code) {
            0 => self.let_in(notes),
            3 => {
                self.other(notes, Asked::Cleartext, "password")?;
                if (self.cleartext)() {
                    Ok(())
                } else {
                    Err(Breach::Cleartext)
                }
            }
            5 => {
                self.other(notes, Asked::Md5, "md5")?;
                if self.md5 { Ok(()) } else { Err(Breach::Md5) }
            }
            10 => self.sasl(notes, rest),
            11 => {
                notes.challenged = true;
                super::scram::challenge(notes, rest)
            }
            12 if rest.starts_with(b"e=") => Err(Breach::Disproved),
            12 => {
                notes.proven = true;
                Ok(())
            }
            code => {
                notes.asked.get_or_insert(Asked::Other);
                Err(Breach::Method { code })
            }
        }
    }

    fn let_in(&self, notes: &mut Notes) -> Result<(), Breach> {
        let scram = notes.asked == Some(Asked::Sasl);
        if scram && !notes.proven {
            return Err(Breach::SkippedFinal);
        }
        if self.binding == Binding::Require && !scram {
            return Err(Breach::BindingSkipped);
        }
        if notes.asked.is_none() && !self.required.as_ref().is_none_or(|r| r.allows("none")) {
            return Err(Breach::RequiredAuthSkipped);
        }
        notes.authenticated = true;
        Ok(())
    }

    fn other(&self, notes: &mut Notes, asked: Asked, method: &str) -> Result<(), Breach> {
        notes.asked.get_or_insert(asked);
        if !self.required.as_ref().is_none_or(|r| r.allows(method)) {
            return Err(Breach::RequiredAuthOther);
        }
        if self.binding == Binding::Require {
            return Err(Breach::BindingOtherMethod);
        }
        if self.has_password {
            Ok(())
        } else {
            Err(Breach::NoPassword)
        }
    }

    fn sasl(&self, notes: &mut Notes, mechanisms: &[u8]) -> Result<(), Breach> {
        notes.asked.get_or_insert(Asked::Sasl);
        let offers = |name: &[u8]| mechanisms.split(|&b| b == 0).any(|m| m == name);
        let plus = offers(b"SCRAM-SHA-256-PLUS");
        let plain = offers(b"SCRAM-SHA-256");
        if plus && !self.encrypted {
            return Err(Breach::PlusWithoutTls);
        }
        if !plus && !plain {
            return Err(Breach::Sasl);
        }
        let allowed = |r: &RequireAuth| r.allows("scram-sha-256");
        if !self.required.as_ref().is_none_or(allowed) {
            return Err(Breach::RequiredAuthOther);
        }
        if self.binding == Binding::Require {
            if !self.encrypted {
                return Err(Breach::BindingWithoutTls);
            }
            if !plus {
                return Err(Breach::BindingNotOffered);
            }
            if self.digest == Digest::Nothing {
                return Err(Breach::BindingUnchecked);
            }
        }
        // libpq takes the offer, and only then finds out that there is nothing to bind by.
        if plus && self.binding != Binding::Disable && self.digest == Digest::Undefined {
            return Err(Breach::BindingUndefined);
        }
        if self.has_password {
            Ok(())
        } else {
            Err(Breach::NoPassword)
        }
    }
}
