//! Many submissions: which part of them, what is known of each, what changed.

pub mod change;
pub mod marks;
pub mod merge;
pub mod partition;
pub mod resume;

pub use change::{Cause, Change, MarkChange, changes};
pub use marks::{Inputs, Marks, Verdict};
pub use merge::{Candidates, Conflict, Quality};
pub use partition::{Partition, PartitionError};
pub use resume::{Found, Next, Wish, plan};
