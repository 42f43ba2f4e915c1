//! The rules of the tree.

mod check;
mod circles;
mod floors;
mod impls;
mod offence;
mod shape;

pub use self::check::check;
pub use self::floors::measured;
pub use self::offence::Offence;
