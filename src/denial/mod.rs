//! Why a visitor was refused.

mod challenge;
mod denial;
mod html;
mod links;
mod reason;
mod row;

pub use self::denial::Denial;
pub(crate) use self::denial::DenialData;
pub(crate) use self::html::{Sent, escaped};
pub(crate) use self::links::{AGAIN, Links};
pub(crate) use self::reason::Reason;
