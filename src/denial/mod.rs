//! Why a visitor was refused.

mod challenge;
mod data;
mod denial;
mod html;
mod links;
mod reason;
mod row;

pub(crate) use self::data::DenialData;
pub use self::denial::Denial;
pub(crate) use self::html::{Sent, escaped};
pub(crate) use self::links::{AGAIN, Links};
pub(crate) use self::reason::Reason;
