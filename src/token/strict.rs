//! What JSON from outside must be, beyond what a parser insists on.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

const MAX_DEPTH: usize = 32;

/// Bytes that are not one strict JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStrict;

/// Checks that `bytes` are UTF-8 and one JSON object, with nothing after it, no duplicate member
/// name at any level (RFC 7519 section 4) and no more than 32 levels.
pub(crate) fn check_object(bytes: &[u8]) -> Result<&str, NotStrict> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotStrict)?;
    if !text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{') {
        return Err(NotStrict);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Strict { depth: 0 }.deserialize(&mut deserializer).map_err(|_| NotStrict)?;
    deserializer.end().map_err(|_| NotStrict)?;
    Ok(text)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("strict JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate member"));
            }
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_plain_object_passes() {
        for good in ["{}", " {\"a\":[1,-2,3.5,true,null,\"x\",{\"a\":{}}]} ", r#"{"a":1,"b":{"a":1}}"#] {
            assert!(check_object(good.as_bytes()).is_ok(), "{good}");
        }
        let bad = [
            "",
            "[]",
            "\"x\"",
            "1",
            "null",
            "{}{}",
            "{} x",
            "{",
            "\u{feff}{}",
            r#"{"a":1,"a":1}"#,
            r#"{"exp":1,"\u0065xp":2}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1e400}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":01}"#,
            r#"{"a":NaN}"#,
        ];
        for bad in bad {
            assert_eq!(check_object(bad.as_bytes()), Err(NotStrict), "{bad}");
        }
        assert_eq!(check_object(b"{\"a\":\"\xff\"}"), Err(NotStrict));
    }

    #[test]
    fn nesting_is_capped_without_growing_the_stack() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(check_object(nested(31).as_bytes()).is_ok());
        assert_eq!(check_object(nested(32).as_bytes()), Err(NotStrict));
        assert_eq!(check_object(nested(100_000).as_bytes()), Err(NotStrict));
    }
}
