//! The names that a store knows: hashes and random bytes, from which nobody learns a user, a cookie or a token.

use std::fmt;

/// Declares a name of so many bytes, which is shown in lowercase hexadecimal.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $bytes:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The name of these bytes: for a store that reads names back, and for tests.
            #[must_use]
            pub const fn new(bytes: [u8; $bytes]) -> Self {
                $name(bytes)
            }

            /// The bytes of the name, any of 0 to 255.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        /// Lowercase hexadecimal, for stores whose names are text.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 2 * $bytes];
                for (digits, byte) in text.chunks_exact_mut(2).zip(&self.0) {
                    digits.copy_from_slice(&hexadecimal(*byte));
                }
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}

/// Two digits. Names are shown for each command to a store, and the standard formatting is slow at that.
fn hexadecimal(byte: u8) -> [u8; 2] {
    let digit = |number: u8| if number < 10 { b'0' + number } else { b'a' + number - 10 };
    [digit(byte >> 4), digit(byte & 15)]
}

keys! {
    /// The name of a user's entry: a hash of issuer, client and `sub`.
    UserKey: 16;
    /// The name of a session in the entry of its user: a hash of what its cookie holds.
    SessionKey: 32;
    /// The name of a value that belongs to no user's entry, such as the claim to a sign-in.
    ItemKey: 32;
    /// Who holds the lease on a session: random, and another one for each refresh.
    LeaseOwner: 16;
}

/// Where a session lies: in the entry of its user, under its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionAddress {
    /// The entry of the user.
    pub user: UserKey,
    /// The session in it.
    pub session: SessionKey,
}
