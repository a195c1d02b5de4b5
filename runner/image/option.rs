//! `--image NAME=FILE`: a real export in the place of an image.

use super::error::ImageError;
use std::path::PathBuf;
use std::str::FromStr;

/// What an image is called: `ubuntu` in `-i ubuntu` and in `IMAGES/ubuntu.tar`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName(String);

impl ImageName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ImageName {
    type Err = ImageError;

    /// Only names that are one plain file name: they become `NAME.tar` in a directory.
    fn from_str(name: &str) -> Result<Self, ImageError> {
        let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        if starts_well && name.len() <= 64 && name.chars().all(plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(ImageError::Name(name.to_owned()))
        }
    }
}

/// One `--image NAME=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOption {
    /// The image whose place the file takes.
    pub name: ImageName,
    /// A tar, or a gzipped tar; which of the two is read from its first bytes.
    pub file: PathBuf,
}

impl FromStr for ImageOption {
    type Err = ImageError;

    fn from_str(option: &str) -> Result<Self, ImageError> {
        match option.split_once('=') {
            Some((name, file)) if !file.is_empty() => Ok(Self {
                name: name.parse()?,
                file: file.into(),
            }),
            _ => Err(ImageError::Option(option.to_owned())),
        }
    }
}
