//! The pool and app client of the settings, for code without Rocket: command-line tools, workers, other frameworks.

mod authorization;
mod client_token;
mod code_exchange;
mod cognito_client;
mod judge;
mod requirements;
mod token_exchange;
mod tokens;

pub use self::authorization::{PendingSignIn, SignInRequest};
pub use self::client_token::ClientToken;
pub use self::code_exchange::CodeExchange;
pub use self::cognito_client::CognitoClient;
pub use self::token_exchange::{ExchangedToken, TokenExchange};
pub use self::tokens::TokenSet;
pub use crate::pool::{ClientError, UserInfo};
