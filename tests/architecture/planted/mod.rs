//! Planted offenders: changes of a small tree that each break one rule.

mod circles;
mod impls;
mod imports;
mod shape;
mod small_tree;
