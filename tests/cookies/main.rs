//! Whose cookies count, how large ours become, and what becomes of those that were changed. Letters with numbers are
//! rows of `docs/requirements.md`.

#[path = "../flow/app.rs"]
mod app;
mod chunks;
mod hostile;
mod key_ring;
mod names;
mod neighbours;
#[allow(dead_code, reason = "only its endpoint is needed")]
#[path = "../sign_in_bad_input/rig.rs"]
mod rig;
#[path = "../flow/sealing.rs"]
mod sealing;
mod strict;
#[path = "../support/mod.rs"]
mod support;
mod tampering;
mod world;
