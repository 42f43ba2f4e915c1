//! Why a visitor was refused.

mod denial;

pub use self::denial::Denial;
pub(crate) use self::denial::{Kind, Refusal, Signposts, escaped};
