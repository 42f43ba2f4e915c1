//! Answers of a server, taken apart.

use redis::Value;

/// The parts of an answer, one after the other.
pub(super) struct Reply(std::vec::IntoIter<Value>);

impl Reply {
    /// The parts of a list; of a map, names and values in turn.
    pub(super) fn new(value: Value) -> Reply {
        Reply(match value {
            Value::Array(parts) => parts.into_iter(),
            Value::Map(pairs) => {
                pairs.into_iter().flat_map(|(name, value)| [name, value]).collect::<Vec<_>>().into_iter()
            }
            Value::Nil => Vec::new().into_iter(),
            other => vec![other].into_iter(),
        })
    }

    pub(super) fn value(&mut self) -> Option<Value> {
        self.0.next()
    }

    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        match self.0.next()? {
            Value::BulkString(bytes) => Some(bytes),
            Value::SimpleString(text) => Some(text.into_bytes()),
            Value::VerbatimString { text, .. } => Some(text.into_bytes()),
            _ => None,
        }
    }

    pub(super) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        match self.0.next()? {
            Value::Int(number) => u64::try_from(number).ok(),
            Value::BulkString(digits) => std::str::from_utf8(&digits).ok()?.parse().ok(),
            _ => None,
        }
    }
}
