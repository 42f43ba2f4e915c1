//! Getters of a user's attributes that are texts.

/// Public getters of texts that may be missing, each documented by its name. `self` is handed in, since a macro has no
/// `self` of its own.
macro_rules! text_attributes {
    (($self:ident) $attributes:expr => $($name:ident)+) => {
        $(#[doc = concat!("`", stringify!($name), "`.")]
        #[must_use]
        pub fn $name(&$self) -> Option<&str> {
            $attributes.$name.as_deref()
        })+
    };
}

pub(crate) use text_attributes;
