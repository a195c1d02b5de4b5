//! Where the time goes is told when it is asked for, beside the report and not in it.

use assert_cmd::Command;

fn graded(words: &[&str]) -> (String, String) {
    let mut command = Command::cargo_bin("rdgrade").unwrap();
    command.args(["level00", "--reference", "--seed", "7"]);
    let done = command.args(words).assert().success();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let output = done.get_output();
    (text(&output.stdout), text(&output.stderr))
}

/// The numbers of a line of the table, in hundredths of a millisecond.
fn numbers(line: &str) -> Vec<u64> {
    let words = line.split_whitespace().take(6);
    words
        .map(|word| word.replace('.', "").parse().unwrap())
        .collect()
}

#[test]
fn timings_add_up_and_leave_the_report_alone() {
    let (report, silence) = graded(&["--report", "json"]);
    assert_eq!(silence, "");
    let (timed, table) = graded(&["--report", "json", "--timings"]);
    let shape = |report: &str| {
        let mut value: serde_json::Value = serde_json::from_str(report).unwrap();
        for check in value["levels"][0]["checks"].as_array_mut().unwrap() {
            // They differ from run to run.
            check["duration_ms"].take();
            check["transcript"].take();
            check["evidence"].take();
        }
        value
    };
    assert_eq!(shape(&report), shape(&timed));

    let lines: Vec<&str> = table.lines().skip(1).collect();
    let (sum, checks) = lines.split_last().unwrap();
    assert!(!checks.is_empty(), "{table}");
    assert!(
        checks.iter().all(|line| line.contains("  level00/")),
        "{table}"
    );
    assert!(
        sum.ends_with(&format!("in all, {} checks", checks.len())),
        "{table}"
    );
    for (column, total) in numbers(sum).into_iter().enumerate() {
        let added: u64 = checks.iter().map(|line| numbers(line)[column]).sum();
        // Each number is rounded by itself.
        assert!(
            added.abs_diff(total) <= checks.len() as u64 + 1,
            "column {column}: {added} is not {total}\n{table}"
        );
    }
    for line in &lines {
        let [jail, submission, observation, judging, teardown, ours] = numbers(line)[..] else {
            panic!("{line}");
        };
        assert!(jail > 0 && submission > 0 && teardown > 0, "{line}");
        assert!(
            ours.abs_diff(jail + observation + judging + teardown) <= 3,
            "{line}"
        );
    }
}
