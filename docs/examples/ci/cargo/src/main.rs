// SPDX-License-Identifier: MIT
//! The program that the example holds to a budget: counts the words of its arguments.

#[inline(never)]
fn count_words(text: &str) -> usize {
    let words: Vec<&str> = text.split(' ').collect();
    words.len()
}

fn main() {
    let words: usize = std::env::args().skip(1).map(|text| count_words(&text)).sum();
    std::process::exit(if words == 5 { 0 } else { 1 });
}
