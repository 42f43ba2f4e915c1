//! Random UUIDs.

/// A random UUID.
pub(crate) fn uuid() -> String {
    uuid_of(rand::random())
}

/// These bits as a UUID of version 4.
pub(super) fn uuid_of(bits: u128) -> String {
    let version = (bits >> 64) & 0x0fff | 0x4000;
    let variant = (bits >> 48) & 0x3fff | 0x8000;
    format!(
        "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        bits & 0xffff_ffff_ffff
    )
}
