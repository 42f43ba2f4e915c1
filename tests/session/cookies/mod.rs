//! Whose cookies count, how large ours become, and what becomes of those that were changed. Letters with numbers are
//! rows of `docs/requirements.md`.

mod attributes;
mod chunks;
mod hostile;
mod key_ring;
mod names;
mod neighbours;
mod strict;
mod tampering;
mod world;
