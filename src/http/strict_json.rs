//! What JSON from outside must be, beyond what a parser insists on.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

const MAX_DEPTH: usize = 32;
/// Up to so many names are compared one by one; beyond, a set is quicker.
const FEW_NAMES: usize = 24;

/// Bytes that are not one strict JSON object, or not the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStrictJson;

/// Checks that `bytes` are UTF-8 and one JSON object, with nothing after it, no duplicate member
/// name at any level (RFC 7519 section 4) and no more than 32 levels.
pub(crate) fn check_object(bytes: &[u8]) -> Result<&str, NotStrictJson> {
    read_object::<IgnoredAny>(bytes)?;
    std::str::from_utf8(bytes).map_err(|_| NotStrictJson)
}

/// Reads a `T` from the same, in one go.
pub(crate) fn read_object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, NotStrictJson> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotStrictJson)?;
    if !text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{') {
        return Err(NotStrictJson);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict { inner: &mut deserializer, depth: 0 }).map_err(|_| NotStrictJson)?;
    deserializer.end().map_err(|_| NotStrictJson)?;
    Ok(value)
}

/// Something that reads, or is read, at a level of nesting: whatever a `T` skips is held to the same.
struct Strict<I> {
    inner: I,
    depth: usize,
}

impl<I> Strict<I> {
    fn around<J>(&self, inner: J) -> Strict<J> {
        Strict { inner, depth: self.depth }
    }

    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth == MAX_DEPTH { Err(E::custom("nested too deeply")) } else { Ok(self.depth + 1) }
    }
}

macro_rules! forward {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.around(visitor);
            self.inner.$method(visitor)
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
        deserialize_unit deserialize_seq deserialize_map deserialize_identifier
    }

    /// A parser would not look into what it skips.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    /// No type of ours has one, and its content would not be looked into.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("an enum"))
    }
}

macro_rules! visit {
    ($($method:ident $Value:ty,)+) => {
        $(fn $method<E: Error>(self, value: $Value) -> Result<V::Value, E> {
            self.inner.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool bool,
        visit_i64 i64,
        visit_i128 i128,
        visit_u64 u64,
        visit_u128 u128,
        visit_f64 f64,
        visit_str &str,
        visit_borrowed_str &'de str,
        visit_string String,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.around(deserializer);
        self.inner.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.around(deserializer);
        self.inner.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        let depth = self.deeper()?;
        self.inner.visit_seq(Strict { inner: seq, depth })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let depth = self.deeper()?;
        self.inner.visit_map(Members { inner: map, depth, names: Names::new() })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.around(deserializer);
        self.inner.deserialize(deserializer)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let seed = self.around(seed);
        self.inner.next_element_seed(seed)
    }
}

/// The members of one object, whose names are all different.
struct Members<'de, A> {
    inner: A,
    depth: usize,
    names: Names<'de>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(Text(name)) = self.inner.next_key()? else { return Ok(None) };
        let key = seed.deserialize(CowStrDeserializer::new(name.clone()))?;
        if self.names.insert(name) { Ok(Some(key)) } else { Err(A::Error::custom("duplicate member")) }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Strict { inner: seed, depth: self.depth })
    }
}

/// Borrowed, unless it is written with escapes.
pub(crate) struct Text<'de>(pub(crate) Cow<'de, str>);

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(text.to_owned().into()))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

struct Names<'de> {
    few: [Cow<'de, str>; FEW_NAMES],
    /// How many of these there are.
    count: usize,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    fn new() -> Self {
        Names { few: [const { Cow::Borrowed("") }; FEW_NAMES], count: 0, many: HashSet::new() }
    }

    /// `false` when it is there already.
    fn insert(&mut self, name: Cow<'de, str>) -> bool {
        if self.few.iter().take(self.count).any(|other| *other == name) {
            return false;
        }
        match self.few.get_mut(self.count) {
            Some(place) => {
                *place = name;
                self.count += 1;
                true
            }
            None => self.many.insert(name),
        }
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
            assert_eq!(check_object(bad.as_bytes()), Err(NotStrictJson), "{bad}");
        }
        assert_eq!(check_object(b"{\"a\":\"\xff\"}"), Err(NotStrictJson));
    }

    /// Names are kept in two places, by their number.
    #[test]
    fn a_duplicate_is_found_however_many_members_come_before_it() {
        let object = |names: &[usize]| {
            let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        for count in [1, FEW_NAMES - 1, FEW_NAMES, FEW_NAMES + 1, FEW_NAMES + 2, 200] {
            let names: Vec<_> = (0..count).collect();
            assert!(check_object(object(&names).as_bytes()).is_ok(), "{count}");
            for name in &names {
                let twice = object(&[&names[..], &[*name]].concat());
                assert_eq!(check_object(twice.as_bytes()), Err(NotStrictJson), "{name} after {count}");
            }
        }
    }

    #[test]
    fn nesting_is_capped_without_growing_the_stack() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(check_object(nested(31).as_bytes()).is_ok());
        assert_eq!(check_object(nested(32).as_bytes()), Err(NotStrictJson));
        assert_eq!(check_object(nested(100_000).as_bytes()), Err(NotStrictJson));
    }
}
