//! What is sent to exchange a token for another one (RFC 8693 section 2.1).

/// The grant's name.
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// A kind of the pool's tokens, by the names of RFC 8693 section 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    Access,
    Id,
}

impl TokenType {
    pub(crate) fn urn(self) -> &'static str {
        match self {
            TokenType::Access => "urn:ietf:params:oauth:token-type:access_token",
            TokenType::Id => "urn:ietf:params:oauth:token-type:id_token",
        }
    }

    /// The kind of this name.
    #[cfg(feature = "local-pool")]
    pub(crate) fn of(urn: &str) -> Option<Self> {
        [TokenType::Access, TokenType::Id].into_iter().find(|kind| kind.urn() == urn)
    }
}

/// A token that is to be exchanged.
pub(crate) struct ExchangeGrant<'a> {
    pub(crate) subject: (&'a str, TokenType),
    /// Who is to act for the subject.
    pub(crate) actor: Option<(&'a str, TokenType)>,
    /// `None`: those of the subject's token.
    pub(crate) scopes: Option<&'a str>,
    /// `audience` or `resource`, and its value.
    pub(crate) target: Option<(&'static str, &'a str)>,
    pub(crate) requested: TokenType,
}

impl<'a> ExchangeGrant<'a> {
    pub(super) fn form(&self, client_id: &'a str) -> Vec<(&'a str, &'a str)> {
        let (subject, kind) = self.subject;
        let mut form = vec![
            ("grant_type", TOKEN_EXCHANGE),
            ("client_id", client_id),
            ("subject_token", subject),
            ("subject_token_type", kind.urn()),
            ("requested_token_type", self.requested.urn()),
        ];
        if let Some((actor, kind)) = self.actor {
            form.extend([("actor_token", actor), ("actor_token_type", kind.urn())]);
        }
        form.extend(self.scopes.map(|scopes| ("scope", scopes)));
        form.extend(self.target);
        form
    }

    /// What must not be logged, should the pool repeat it.
    pub(super) fn secrets(&self) -> [&'a str; 2] {
        [self.subject.0, self.actor.map_or("", |(token, _)| token)]
    }
}
