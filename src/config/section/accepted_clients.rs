//! The app clients whose tokens count beside those of the own one.

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::client_id;
use crate::config::value::list::words;
use crate::config::value::word::BearerTokenUse;

/// Stands for the clients that no list names, such as those that register themselves. No id of Cognito's is so short.
const ANY: &str = "any";

/// The setting `accepted_client_ids`.
pub(crate) struct AcceptedClients {
    pub(crate) ids: Vec<String>,
    /// Whether access tokens of clients that no list names count where they are bound to `resource`.
    pub(crate) any: bool,
    /// Whether one of them is not an id.
    is_wrong: bool,
}

impl AcceptedClients {
    pub(crate) fn read(reader: &mut Reader) -> AcceptedClients {
        let all = reader.list(&key::ACCEPTED_CLIENT_IDS, words, client_id::parse);
        let (any, ids): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| id.eq_ignore_ascii_case(ANY));
        AcceptedClients { ids, any: !any.is_empty(), is_wrong: reader.is_wrong(&key::ACCEPTED_CLIENT_IDS) }
    }

    /// Whether an app can do without a client of its own.
    pub(crate) fn suffice(&self) -> bool {
        self.any || !self.ids.is_empty() || self.is_wrong
    }

    /// Refuses `any` where nothing else would say that a token is meant for this API: whoever may register a client at the
    /// pool gets tokens of it.
    pub(crate) fn check(&self, reader: &mut Reader, token_use: BearerTokenUse) {
        if !self.any {
            return;
        }
        let list = "accepted_client_ids = [\"1example23456789\"]";
        if !reader.is_set(&key::RESOURCE) {
            reader.refuse(
                &key::ACCEPTED_CLIENT_IDS,
                "is `any` without `resource`, so that nothing would show that a token is meant for this API",
                &format!("resource = \"https://api.example.com\" beside it; or list the clients: {list}"),
            );
        }
        if token_use == BearerTokenUse::Id {
            reader.refuse(
                &key::ACCEPTED_CLIENT_IDS,
                "is `any`, which is for access tokens, while `bearer_token_use` is `id`",
                &format!("bearer_token_use = \"access\"; or list the clients: {list}"),
            );
        }
    }
}
