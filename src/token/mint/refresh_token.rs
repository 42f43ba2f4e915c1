//! Refresh tokens of Cognito's form.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::base64url;

/// Random text with the five parts and the 1.8 kB of Cognito's encrypted refresh tokens, so that
/// cookies have their real size.
pub(crate) fn refresh_token() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let (key, iv, text, tag) =
        (base64url::<256>(), base64url::<12>(), base64url::<1008>(), base64url::<16>());
    format!("{header}.{key}.{iv}.{text}.{tag}")
}
