//! What a state file has of a pool.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::expiring_map::SavedEntry;
use super::grant::Grant;
use super::key_ring::SavedKeys;
use super::machine_triggers::MachineTrigger;
use super::registered_client::RegisteredClient;
use super::seeds::SavedUsers;
use super::session::Session;
use crate::local_pool::config::{LocalPoolConfig, SignInNames};

/// By which a file is recognised.
pub(super) const FORMAT: &str = "rocket_cognito local pool";
/// The version that this release writes and reads.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(crate) struct SavedPool {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) user_pool_id: String,
    pub(super) names: SignInNames,
    pub(super) keys: SavedKeys,
    pub(super) content: Content,
}

/// What a pool begins without.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) users: SavedUsers,
    #[serde(default)]
    pub(super) registered_clients: Vec<RegisteredClient>,
    pub(super) machine_triggers: HashMap<String, MachineTrigger>,
    pub(super) sessions: Vec<SavedEntry<Session>>,
    pub(super) refresh_tokens: Vec<SavedEntry<Grant>>,
    pub(super) revoked_sign_ins: Vec<SavedEntry<()>>,
}

/// The part that every version has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    user_pool_id: String,
}

impl SavedPool {
    /// Reads the content of a file for a pool of these settings, or says what is wrong with it and what to do. No value
    /// is repeated: it could be a secret.
    pub(crate) fn read(content: &[u8], config: &LocalPoolConfig) -> Result<Self, String> {
        let head = serde_json::from_slice::<Head>(content).ok().filter(|head| head.format == FORMAT);
        let Head { version, user_pool_id, .. } = head.ok_or(
            "is not the state of a local pool, or is damaged: give `state` another file, or move this one away",
        )?;
        if version != VERSION {
            return Err(format!(
                "has version {version}, and this release of rocket_cognito reads {VERSION}: take the release that \
                 wrote it, or move the file away"
            ));
        }
        if user_pool_id != config.user_pool_id {
            return Err(format!(
                "belongs to the pool {user_pool_id:?}, and this is {:?}: type user_pool_id = {user_pool_id:?}, or give \
                 `state` another file",
                config.user_pool_id
            ));
        }
        let saved: SavedPool = serde_json::from_slice(content).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!(
                "is damaged at line {line}, column {column}: move the file away, and the pool begins anew"
            )
        })?;
        if saved.names != config.sign_in_names() {
            return Err("is of a pool with other `username_attributes`, `alias_attributes` or `case_sensitive`, which \
                        nobody can change there, as at Cognito: set them back, or move the file away"
                .into());
        }
        Ok(saved)
    }
}
