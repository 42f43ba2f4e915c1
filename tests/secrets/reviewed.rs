//! What of the sources looks like a leak, and was looked at.

/// Types that a derive of `Debug` or `Serialize` may print: with fields that are named like secrets and of another type
/// than `Secret` and `SecretText`, which the compiler keeps from it, or with a `SecretText` that is serialized all the
/// same. And why that is harmless.
pub const REVIEWED_TYPES: [(&str, &str, &str); 22] = [
    ("bin/cognito-local-pool/main.rs", "Ready", "holds the address of the token endpoint"),
    ("client/authorization.rs", "PendingSignIn", "serialized for a program to keep; redaction.rs prints it"),
    ("client/tokens.rs", "TokenSet", "serialized for a program to keep; redaction.rs prints it"),
    ("config/setting.rs", "Key", "says of a setting that it is secret, and holds none"),
    ("config/section/bearer.rs", "BearerSettings", "says which kind of token is asked for, and holds none"),
    (
        "config/section/client.rs",
        "OwnClient",
        "holds `Secret`s, and the path of a file; src/config/redaction.rs prints it",
    ),
    ("config/section/pool.rs", "PoolSettings", "says how many tokens are remembered, and holds none"),
    (
        "config/section/redis.rs",
        "RedisSettings",
        "holds a `Secret`, or the path of a file; src/config/tests/store.rs prints it",
    ),
    ("crypto/seal.rs", "Envelope", "serialized to be sealed"),
    ("local_pool/config/client.rs", "LocalClient", "says which tokens may be exchanged, and holds none"),
    ("local_pool/config/pool.rs", "LocalPoolConfig", "holds lifetimes of tokens; redaction.rs prints it"),
    ("local_pool/endpoint/registration.rs", "Registered", "the answer that hands out the secret"),
    ("local_pool/endpoint/token.rs", "TokenResponse", "the answer that hands out the tokens"),
    ("local_pool/endpoint/well_known.rs", "Discovery", "holds the address of the token endpoint"),
    ("local_pool/state/password.rs", "SlowHash", "serialized for a state file"),
    ("local_pool/state/registered_client.rs", "RegisteredClient", "serialized for a state file"),
    ("local_pool/state/user.rs", "User", "serialized for a state file, the password as a hash"),
    ("session/record.rs", "SessionRecord", "serialized to be sealed"),
    ("session/stored/attempt_claims.rs", "Claimed", "serialized to be sealed"),
    ("sign_in/attempt.rs", "Attempt", "serialized to be sealed"),
    ("token/expected.rs", "Expectations", "says which kind of token is asked for, and holds none"),
    ("token/mint/signing_key.rs", "SavedKey", "serialized for a state file"),
];

/// Comparisons beside a secret's name, without spaces, and why their time discloses nothing.
pub const REVIEWED_COMPARISONS: [(&str, &str, &str); 45] = [
    ("config/section/accepted_clients.rs", "token_use==BearerTokenUse::Id", "a type of tokens"),
    ("token/bearer_fault.rs", "claims.token_use==TokenUse::Access", "a type of tokens"),
    (
        "config/section/bearer.rs",
        "self.header.eq_ignore_ascii_case(key::JWT_HEADER_NAME.default)&&self.prefix.eq_ignore_ascii_case(key::JWT_HEADER_PREFIX.default)",
        "settings that are public",
    ),
    ("config/shown.rs", "key.secret||text.contains(['@','?'])", "a flag, and a text that will not be shown"),
    ("local_pool/api/sign_in.rs", "by_password.contains(&flow)", "names of flows"),
    ("local_pool/api/sign_in.rs", "request.required(\"\")?!=NEW_PASSWORD", "the name of a challenge"),
    (
        "local_pool/api/sign_in.rs",
        "(&challenge.client_id,&challenge.username,&challenge.sub)==(&client.client_id,&user.username,&user.sub)",
        "ids of clients and users",
    ),
    ("local_pool/api/tokens.rs", "token.matches('.').count()==2", "the form of a token"),
    (
        "local_pool/endpoint/authorization_request.rs",
        "challenge.len()==43&&challenge.bytes()",
        "the form of what is public",
    ),
    ("local_pool/endpoint/authorization_request.rs", "b\"\".contains(&byte)", "the form of what is public"),
    ("local_pool/endpoint/client_authentication.rs", "form_id!=id", "ids of clients"),
    ("local_pool/endpoint/level_asked.rs", "factor).level()==level", "levels of sign-ins"),
    (
        "local_pool/endpoint/level_asked.rs",
        "level==1||user.factors().any(|factor|alone(factor)&&level>1",
        "levels of sign-ins",
    ),
    (
        "local_pool/endpoint/second_factor.rs",
        "!=Some(CODE)",
        "a code that is the same for everybody, and public",
    ),
    ("local_pool/endpoint/second_factor.rs", "wrong==Some(*factor)", "names of factors"),
    (
        "local_pool/endpoint/sign_in_page.rs",
        "challenge.client_id==self.request.client_id()",
        "ids of clients",
    ),
    ("local_pool/endpoint/token.rs", "code.grant.client_id==client.client_id", "ids of clients"),
    ("local_pool/endpoint/token.rs", "code.redirect_uri!=redirect_uri", "public URLs"),
    ("local_pool/state/client_secret.rs", "secret.id==id", "ids of secrets, which lists show"),
    ("local_pool/state/clients.rs", "secret.id!=id", "ids of secrets, which lists show"),
    ("local_pool/state/pool.rs", "code.grant.username==username", "names of users"),
    ("local_pool/state/user.rs", "self.status!=UserStatus::ExternalProvider", "the status of a user"),
    (
        "local_pool/endpoint/token.rs",
        r#"if!["","","",TOKEN_EXCHANGE].contains(&grant_type)"#,
        "names of grants",
    ),
    (
        "local_pool/endpoint/token.rs",
        "id_token:None,access_token:exchanged.token,refresh_token:None,expires_in:exchanged.seconds,token_type:ifkind==TokenType::Id",
        "a type of tokens",
    ),
    (
        "local_pool/state/exchange.rs",
        "claims.filter(|claims|claims.iss==pool.issuer()&&claims.exp>pool.now()).filter(|claims|!claims.origin_jti.as_ref().is_some_and(is_revoked)).ok_or(ExchangeFailure::Token)",
        "an issuer and a time",
    ),
    ("oauth/response.rs", r#"self.token_type.eq_ignore_ascii_case("")"#, "a type of tokens"),
    (
        "oauth/response.rs",
        r#"response(body).filter(|tokens|tokens.is_bearer()||(takes_other&&tokens.token_type==""))"#,
        "a type of tokens",
    ),
    (
        "openapi/schemes.rs",
        "self.app.settings.bearer.token_use==BearerTokenUse::Id",
        "which kind of token is asked for",
    ),
    ("request/bearer_header.rs", "token.trim().contains('')", "a header's form"),
    ("routes/catchers.rs", "code==status.code", "a status"),
    (
        "routes/catchers.rs",
        "theirs.code==ours.code&&theirs.base.path()==ours.base.path()",
        "a status and a path",
    ),
    ("routes/callback.rs", "request.method()==Method::Get&&!state.is_head()", "a method"),
    ("routes/redirect_to_login.rs", "caller.source()==CredentialSource::Bearer", "a kind of credential"),
    (
        "token/cache.rs",
        "self.0.jwt()==other.0.jwt()",
        "met by texts whose hashes, keyed at random, lead to one place",
    ),
    (
        "token/cache.rs",
        "self==key.0.jwt()",
        "met by texts whose hashes, keyed at random, lead to one place; each guess leads to another",
    ),
    (
        "store/redis/failure.rs",
        "letsays=|what:&str|code==what||detail.contains(what)",
        "codes of errors, which are public",
    ),
    ("store/redis/failure.rs", "ifcode==\"\"", "codes of errors, which are public"),
    ("token/claims.rs", "self.token_use==TokenUse::Access", "a type of tokens"),
    ("token/claims.rs", "*client_id==self.sub", "ids of clients"),
    ("token/expected.rs", "claims.token_use==TokenUse::Access", "a type of tokens"),
    ("token/expected.rs", "wanted!=claims.token_use", "a type of tokens"),
    ("token/key_set.rs", "*purpose==PublicKeyUse::Signature", "the use of a public key"),
    (
        "user/credential.rs",
        "self.verified.get().jwt()==other.verified.get().jwt()",
        "tokens of one request, which have been verified",
    ),
    (
        "user/credential.rs",
        "self.id.as_ref().map(SiblingIdToken::text)==other.id.as_ref().map(SiblingIdToken::text)",
        "tokens of one request",
    ),
    ("user/credential.rs", "self.claims().token_use==TokenUse::Id", "a type of tokens"),
];
