//! The seam between sessions and the place where they lie.

use std::time::Duration;

use super::error::StoreError;
use super::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use super::stored_session::{Claim, Listed, Replaced, StoredSession, Turn};

/// A place on the server where sessions lie, which all instances of an app share.
///
/// A store knows names that are hashes, sealed bytes, generations and durations; it sees no cookie, no token and no user.
/// It holds an entry for each user, and in it the user's sessions: to each a value and a note of its generation, its end,
/// when it was last seen, the lease on it, until when it rests, and how many failures there were. Beside them it holds
/// single values, each with its own end.
///
/// **Each method is atomic**: whoever calls at the same time, it is as if one call came after the other. Durations are
/// relative, and count by the store's own clock, never by the caller's. What is over is as good as absent, at once and for
/// every method, whenever the store deletes it.
///
/// A method that does not return in two seconds is given up, its future dropped; the store may then have done it or not.
///
/// [The module](super) has a page on how to write one. The feature `store-tests` adds a suite that judges it.
///
/// # Errors
/// Any method: [`StoreError::Unavailable`] when the store is not reached, [`StoreError::Refused`] when it answers and did
/// nothing. Guards then answer 503 `sessions_unavailable`; no session ends by it.
#[rocket::async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Returns the session; `None` when it is absent or over. It changes nothing.
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError>;

    /// Creates a session of generation 1 that is seen now and is over after `life`.
    ///
    /// If the user then has more than `cap` sessions, those unseen for longest are removed, never the new one, and
    /// returned. An address that is taken already is [`StoreError::Refused`], and then nothing is removed.
    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError>;

    /// Asks for the lease on a session of this `generation`, to refresh it. The first of these that holds is the answer:
    ///
    /// 1. It is absent or over: [`Turn::Gone`].
    /// 2. It is of another generation: [`Turn::Other`], whether it rests or is held.
    /// 3. It rests: [`Turn::Rests`].
    /// 4. The lease of another owner has not run out: [`Turn::Held`].
    /// 5. Otherwise the lease is this `owner`'s from now on, for `lease`: [`Turn::Yours`]. It is `taken_over` when another
    ///    owner's lease ran out and was not given back. The owner who had the lease last gets it anew, run out or not, with
    ///    the same `taken_over` as before, since the first answer may have been lost.
    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError>;

    /// Lets the lease last for `lease` from now, and returns `true`, if it is still this `owner`'s and has not run out.
    /// Otherwise it changes nothing, and returns `false`.
    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError>;

    /// Ends the lease after a failure, if it is this `owner`'s, run out or not: one more failure is noted, and the session
    /// rests for `rest` from now. Otherwise nothing happens.
    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError>;

    /// Puts a value in the place of the one of this `generation`: the session is then one generation later, seen now, over
    /// after `life`, and has no lease, no failures and no rest. Leases do not matter to it, and it never creates a session.
    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError>;

    /// Notes that the session is seen now and is over after `life`, if it is there.
    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError>;

    /// Removes the session, if it is there and of this `generation`, where one is given, and returns it: to one caller at
    /// most, however many there are.
    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError>;

    /// Returns all sessions of a user that are not over, in any order.
    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError>;

    /// Removes all sessions of a user but `except`, in one step, and returns those that were not over.
    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError>;

    /// Stores a single value for `life` if there is none of this name: [`Claim::Yours`], for one caller however many there
    /// are; otherwise returns what is there.
    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError>;

    /// Stores a single value for `life`, in the place of another if there is one.
    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError>;

    /// Returns a single value; `None` when there is none, or it is over.
    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns whether the store would do its work, for launches and health checks. It changes nothing.
    async fn check(&self) -> Result<(), StoreError>;
}
