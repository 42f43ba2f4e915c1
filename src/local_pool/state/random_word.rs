//! Random ids and secrets as Cognito makes them: of small letters and digits.

/// A random word of so many letters, five bits each.
pub(crate) fn random_word<const LENGTH: usize>() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bytes: [u8; LENGTH] = rand::random();
    let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    letters.map(|letter| char::from(*letter)).collect()
}
