//! Bytes that are wiped when they are dropped, as quickly as memory can be written.

use std::ops::Deref;

/// Bytes that are wiped when they are dropped.
pub(crate) struct WipedBytes(Vec<u8>);

impl WipedBytes {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        WipedBytes(bytes)
    }

    pub(super) fn as_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Deref for WipedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for WipedBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites everything that these bytes have room for. `Zeroizing` writes byte by byte, which for the tokens of a request
/// takes longer than to decrypt them.
pub(super) fn wipe(bytes: &mut Vec<u8>) {
    // What lies behind the end was cut off.
    bytes.resize(bytes.capacity(), 0);
    bytes.fill(0);
    zeroize::optimization_barrier(bytes.as_slice());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_wiped_too() {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"a secret of some length");
        bytes.truncate(3);
        let (place, room) = (bytes.as_ptr(), bytes.capacity());
        wipe(&mut bytes);
        assert_eq!((bytes.as_ptr(), bytes.as_slice()), (place, vec![0; room].as_slice()));
    }
}
