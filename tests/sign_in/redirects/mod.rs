//! Where a sign-in and a sign-out lead, whatever they are asked for: to this site. Letters with numbers are
//! rows of `docs/requirements.md`.

mod list;
mod sign_in;
mod sign_out;
