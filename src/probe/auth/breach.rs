//! What a server did that no honest server does, or asked for that it does not get.

use std::fmt;

/// Why the metered stream cut the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::probe) enum Breach {
    /// A message's length is absurd.
    Length {
        /// The message's tag.
        tag: u8,
        /// The length that it claims.
        length: usize,
    },
    /// More bytes than any honest answer has.
    TooMuch,
    /// More parameters than any honest server reports.
    Parameters,
    /// More notices than any honest server sends.
    Notices,
    /// More rows than our questions can have.
    Rows,
    /// A row that does not have the columns that were announced.
    Columns,
    /// The first answer is no message of this protocol.
    NotPostgres,
    /// A message that has no place here.
    OutOfPlace {
        /// The message's tag.
        tag: u8,
    },
    /// A password was asked for, and there is none.
    NoPassword,
    /// The password was asked for in clear, where anyone could read it.
    Cleartext,
    /// The password was asked for as an md5 answer, where anyone could read it.
    Md5,
    /// A way to authenticate that is not spoken here.
    Method {
        /// The code of the request.
        code: u32,
    },
    /// None of the SASL mechanisms is spoken here.
    Sasl,
    /// Channel binding is demanded, and the session is not encrypted.
    BindingWithoutTls,
    /// Channel binding is demanded, and the server asked for something that has none.
    BindingOtherMethod,
    /// Channel binding is demanded, and the server let us in without.
    BindingSkipped,
    /// Channel binding is demanded, and the server offers SCRAM without.
    BindingNotOffered,
    /// Channel binding is offered, and the certificate has no digest to bind by.
    BindingUndefined,
    /// Channel binding is demanded, and the certificate could not be checked.
    BindingUnchecked,
    /// Channel binding is offered on a stream that is not encrypted.
    PlusWithoutTls,
    /// `require_auth` forbids letting us in without any password.
    RequiredAuthSkipped,
    /// `require_auth` forbids what the server asks for.
    RequiredAuthOther,
    /// SCRAM with more rounds than anyone uses.
    Iterations,
    /// SCRAM without our nonce in the challenge.
    Nonce,
    /// SCRAM with a challenge that cannot be answered.
    Challenge,
    /// SCRAM with an end that refuses our proof.
    Disproved,
    /// SCRAM without the proof that the server knows the password.
    SkippedFinal,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stream was cut: {self:?}")
    }
}

impl std::error::Error for Breach {}
