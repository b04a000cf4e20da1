// SPDX-License-Identifier: MIT
// Reads a CSV file and groups it by a column: an ordinary Rust program that allocates all the time.
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

mod table {
    pub struct Row<'a> {
        pub cells: Vec<&'a str>,
    }

    #[inline(never)]
    pub fn parse(line: &str) -> Row<'_> {
        Row { cells: line.split(',').collect() }
    }
}

#[derive(Default)]
struct Group {
    names: Vec<String>,
    total: u64,
}

trait Add<T> {
    fn add(&mut self, value: T);
}

impl Add<&table::Row<'_>> for Group {
    #[inline(never)]
    fn add(&mut self, row: &table::Row<'_>) {
        self.names.push(row.cells[1].to_string());
        self.total += row.cells[2].parse::<u64>().unwrap_or(0);
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("a file name");
    let file = std::fs::File::open(path).expect("a readable file");
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        let line = line.expect("text");
        let row = table::parse(&line);
        groups.entry(row.cells[0].to_string()).or_default().add(&row);
    }
    for (name, group) in &groups {
        println!("{} {} {}", name, group.names.len(), group.total);
    }
}
