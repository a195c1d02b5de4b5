//! asciicast v2: a header, then a line for each event (<https://docs.asciinema.org/manual/asciicast/v2/>).

use super::Recording;
use serde_json::json;
use std::io::{self, Write};

pub fn write(recording: &Recording, output: &mut dyn Write) -> io::Result<()> {
    // No time stamp: the same run is the same file, but for what it measured.
    let header = json!({
        "version": 2,
        "width": recording.columns,
        "height": recording.rows,
        "env": {"TERM": "dumb", "SHELL": "/bin/sh"},
    });
    writeln!(output, "{header}")?;
    for moment in &recording.moments {
        let seconds = moment.at_us as f64 / 1e6;
        // serde_json leaves U+007F and above as they are, and tame streams have none that a terminal obeys.
        writeln!(output, "{}", json!([seconds, "o", moment.text]))?;
    }
    Ok(())
}
