// SPDX-License-Identifier: MIT
// The program of docs/reading-the-views.md: it reads a CSV file whole, and needs five times the file's size for that.
//
//   rustc -g -O docs/examples/csv_memory.rs && ./csv_memory FILE
use std::collections::HashMap;
use std::fs;

struct Table {
    rows: Vec<Vec<String>>,
}

#[inline(never)]
fn parse_row(line: &str) -> Vec<String> {
    line.split(',').map(|cell| cell.to_string()).collect()
}

#[inline(never)]
fn load(path: &str) -> Table {
    let text = fs::read_to_string(path).expect("a readable file");
    let mut rows = Vec::new();
    for line in text.lines() {
        rows.push(parse_row(line));
    }
    Table { rows }
}

#[inline(never)]
fn count_by_city(table: &Table) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for row in &table.rows {
        *counts.entry(row[2].clone()).or_insert(0) += 1;
    }
    counts
}

fn main() {
    let path = std::env::args().nth(1).expect("the name of a CSV file");
    let table = load(&path);
    let mut counts: Vec<_> = count_by_city(&table).into_iter().collect();
    counts.sort();
    for (city, count) in counts {
        println!("{city}: {count}");
    }
}
