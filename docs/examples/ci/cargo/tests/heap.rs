// SPDX-License-Identifier: MIT
//! Runs the program under heapwise and fails when it exceeds its budget. Without heapwise the test says so and passes.
use std::process::Command;

#[test]
fn counting_words_keeps_to_its_budget() {
    let heapwise = std::env::var("HEAPWISE").unwrap_or_else(|_| "heapwise".into());
    let recording = std::env::temp_dir().join(format!("words-{}.heapwise", std::process::id()));
    let budgets = concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.toml");
    let output = Command::new(heapwise)
        .args(["run", "--quiet", "-o"])
        .arg(&recording)
        .args(["--check", budgets, "--", env!("CARGO_BIN_EXE_words"), "one two", "three four five"])
        .output();
    let _ = std::fs::remove_file(&recording);
    match output {
        Err(why) => eprintln!("not checked: heapwise cannot be run: {why}"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
}
