//! Containers of private keys: their armour, and what is in it. Shared by the checks for keys.

pub(super) mod armor;
pub(super) mod der;
pub(super) mod openssh;

use crate::secrets::rule::Text;

/// What a container holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Contents {
    /// A private key that anybody can read: what kind.
    Private(Text),
    /// A private key behind a pass phrase: how it is encrypted, where that is told.
    Encrypted(Text),
    /// A public key or a certificate.
    Public,
    /// The container is longer than what is there.
    CutOff,
    /// Not such a container.
    Other,
}
