//! asciicast v2: a header, then a line for each event (<https://docs.asciinema.org/manual/asciicast/v2/>).

use super::Moment;
use super::Recording;
use serde_json::{Value, json};
use std::io::{self, BufRead, Write};

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

pub fn read(input: impl BufRead) -> io::Result<Recording> {
    let mut lines = input.lines();
    let header: Value = serde_json::from_str(&lines.next().unwrap_or_else(|| Ok(String::new()))?)?;
    let size = |name: &str| {
        header[name]
            .as_u64()
            .and_then(|size| u16::try_from(size).ok())
    };
    let (Some(columns), Some(rows), Some(2)) =
        (size("width"), size("height"), header["version"].as_u64())
    else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut moments = Vec::new();
    for line in lines {
        let (seconds, _, text): (f64, String, String) = serde_json::from_str(&line?)?;
        moments.push(Moment {
            at_us: (seconds * 1e6).round() as u64,
            text,
        });
    }
    Ok(Recording {
        columns,
        rows,
        moments,
    })
}
