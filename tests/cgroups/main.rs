//! Groups of a jail: they bind, they are seen from outside, and nothing of them is left.

mod ground;
mod left;
mod limits;
