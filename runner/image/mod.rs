//! Images: root file systems as tars, where a submission looks for them.
//!
//! A **layer** is `skeleton`, `ubuntu` (harvested from this host) or a file given with `--image`; a **stack** of layers
//! becomes one image; a **directory** of images is what the jail shows to a submission. Everything is kept in a
//! cache, keyed by what it was made of.

mod cache;
mod error;
mod harvest;
pub(crate) mod layers;
mod limits;
mod loader;
mod numbers;
mod object;
mod option;
mod paths;
mod prepare;
mod programs;
mod reason;
mod skeleton;
mod source;
mod stamp;
mod store;
mod survey;
mod tree;

pub use error::ImageError;
pub use limits::{GZIP_RATIO, GZIP_RATIO_FROM, Limits, MEMBERS, UNPACKED_BYTES};
pub use option::{ImageName, ImageOption};
pub use prepare::PreparedImage;
pub use programs::missing as missing_programs;
pub use reason::Reason;
pub use skeleton::TOP;
pub use store::{ImageDirectory, ImageStore, Mapping};
pub use survey::{Stop, Survey, survey};
