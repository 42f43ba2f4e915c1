//! Values that are one of a few words.

/// A value that a word stands for.
pub(crate) trait Word: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// `SameSite` of the session cookies; the login cookie is always `Lax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    /// Not sent on the page that a sign-in leads to, hence a page in between.
    Strict,
    None,
    /// The attribute is left out.
    Omit,
}

impl Word for SameSite {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("lax", SameSite::Lax),
        ("strict", SameSite::Strict),
        ("none", SameSite::None),
        ("omit", SameSite::Omit),
    ];
}

/// What the app serves of the pool's metadata, at its own origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PoolMetadata {
    None,
    Served,
    /// With the endpoint at which clients register themselves.
    WithRegistration,
}

impl Word for PoolMetadata {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", PoolMetadata::None),
        ("served", PoolMetadata::Served),
        ("with_registration", PoolMetadata::WithRegistration),
    ];
}

/// Which kind of token the header may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BearerTokenUse {
    Access,
    Id,
    Any,
}

impl Word for BearerTokenUse {
    const WORDS: &'static [(&'static str, Self)] =
        &[("access", BearerTokenUse::Access), ("id", BearerTokenUse::Id), ("any", BearerTokenUse::Any)];
}
