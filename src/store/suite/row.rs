//! A row: a sentence, and the function that judges it.

use std::sync::Arc;

use rocket::futures::future::BoxFuture;

use super::trial::{Trial, Verdict};

/// One sentence that a store has to keep, named by the function that judges it.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) run: fn(Arc<Trial>) -> BoxFuture<'static, Verdict>,
}

impl Row {
    pub(super) fn sentence(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// The rows of these functions.
macro_rules! declare_rows {
    ($($row:ident,)*) => {
        pub(in crate::store::suite) const ROWS: &[super::row::Row] = &[$(super::row::Row {
            name: stringify!($row),
            run: |trial| Box::pin(async move { $row(&trial).await }),
        },)*];
    };
}
pub(super) use declare_rows;
