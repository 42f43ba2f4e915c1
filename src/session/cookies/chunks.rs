//! One value in several cookies, where it is too long for one.

/// Longer values are split into at most this many cookies.
pub(super) const MAX_CHUNKS: usize = 8;
/// Stands between the number of chunks and the first one; no token contains it.
const CHUNK_MARK: char = '~';
/// What the number and the mark take of the first cookie.
pub(super) const HEAD_BYTES: usize = "8~".len();

/// Cuts ASCII text into the values of its cookies, at most `room` bytes each beside the first one's head; tokens and
/// sealed values are ASCII.
pub(super) fn split(value: &str, room: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some((piece, after)) = rest.split_at_checked(room) {
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    let count = pieces.len();
    let head = |index| if index == 0 && count > 1 { format!("{count}{CHUNK_MARK}") } else { String::new() };
    pieces.into_iter().enumerate().map(|(index, piece)| head(index) + piece).collect()
}

/// How many chunks there are, and what is in the first one; `None` for a value that is not split.
pub(super) fn first_of(value: &str) -> Option<(usize, &str)> {
    let (count, first) = value.split_at_checked(1)?;
    let first = first.strip_prefix(CHUNK_MARK)?;
    let count = count.parse().ok().filter(|count| (2..=MAX_CHUNKS).contains(count))?;
    Some((count, first))
}

/// Whether `rest`, what follows a session cookie's name, is that of the cookie itself or of one of its chunks.
pub(super) fn is_index(rest: &str) -> bool {
    let index = || rest.strip_prefix('_').filter(|index| index.len() == 1)?.parse::<usize>().ok();
    rest.is_empty() || index().is_some_and(|index| (1..MAX_CHUNKS).contains(&index))
}
