//! Sealed cookies, opened and made with the app's secret key: the format of the first release.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use fernet::Fernet;
use serde_json::{Value, json};

/// Fernet under the subkey of one purpose.
pub struct Seal {
    fernet: Fernet,
    purpose: &'static str,
}

impl Seal {
    pub fn new(secret_key: &str, purpose: &'static str) -> Self {
        let label = format!("rocket-cognito/v1/{purpose}");
        let mut subkey = [0; 32];
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret_key.as_bytes());
        extracted.expand(&[label.as_bytes()], HKDF_SHA256).unwrap().fill(&mut subkey).unwrap();
        Seal { fernet: Fernet::new(&URL_SAFE.encode(subkey)).unwrap(), purpose }
    }

    /// What lies in a cookie.
    pub fn open(&self, cookie: &str) -> Value {
        // The envelope's time counts, and an app's clock may be ahead of this one.
        let plain = self.fernet.decrypt_at_time(&cookie.replace("%3D", "="), None, u64::MAX - 60).unwrap();
        let envelope: Value = serde_json::from_slice(&plain).unwrap();
        assert_eq!((&envelope["v"], &envelope["p"]), (&json!(1), &json!(self.purpose)));
        envelope["d"].clone()
    }

    /// A cookie with `value`, sealed at `time`.
    pub fn seal(&self, value: &Value, time: u64) -> String {
        self.seal_envelope(&json!({ "v": 1, "p": self.purpose, "t": time, "d": value }))
    }

    /// A cookie with something else in the place of the envelope.
    pub fn seal_envelope(&self, envelope: &Value) -> String {
        self.fernet.encrypt(envelope.to_string().as_bytes())
    }
}
