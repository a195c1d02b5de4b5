//! Blocks of commands in a page that are run as they stand there, and what the page says they answer.

/// A marked block of commands.
pub struct Tried {
    pub script: String,
    /// Lines that the text below the block shows: each has to be in the answer, in this order.
    pub shown: Vec<String>,
}

/// The blocks below `<!-- tried -->`, and what the block of text after each shows.
pub fn tried(page: &str) -> Vec<Tried> {
    let mut found: Vec<Tried> = Vec::new();
    let mut marked = false;
    // A block of text belongs to the commands right before it.
    let mut answers = false;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        marked |= line == "<!-- tried -->";
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        assert!(!marked || language == "sh", "a marker without commands");
        match found.last_mut() {
            Some(last) if language == "text" && answers => {
                last.shown = block.iter().map(|line| (*line).to_owned()).collect();
            }
            _ if marked => found.push(Tried {
                script: block.join("\n"),
                shown: Vec::new(),
            }),
            _ => {}
        }
        (answers, marked) = (marked, false);
    }
    found
}

impl Tried {
    /// What the page shows and the answer has not, or not there.
    pub fn missing(&self, answer: &str) -> Option<&str> {
        let mut answer = answer.lines();
        let mut shown = self.shown.iter();
        let absent = |shown: &&String| !answer.any(|line| words(line).starts_with(&words(shown)));
        shown.find(absent).map(String::as_str)
    }
}

/// A column more or less is no other answer.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
