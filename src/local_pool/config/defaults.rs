//! The pool for which nothing is set.

use super::levels::LocalLevels;
use super::pool::LocalPoolConfig;

impl Default for LocalPoolConfig {
    fn default() -> Self {
        LocalPoolConfig {
            port: None,
            address: None,
            hosts: Vec::new(),
            public_url: None,
            user_pool_id: "eu-west-1_LocalPool".into(),
            users: Vec::new(),
            username_attributes: Vec::new(),
            alias_attributes: Vec::new(),
            case_sensitive: true,
            clients: Vec::new(),
            access_token_seconds: 3600,
            id_token_seconds: 3600,
            refresh_token_seconds: 30 * 86_400,
            refresh_token_rotation: false,
            refresh_token_grace_seconds: 0,
            clock_skew_seconds: 0,
            classic_hosted_ui: false,
            identity_providers: Vec::new(),
            sso_seconds: 3600,
            state: None,
            levels: LocalLevels::new(),
            sessions: None,
            registration: None,
            registration_scopes: Vec::new(),
        }
    }
}
