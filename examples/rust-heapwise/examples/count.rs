// SPDX-License-Identifier: MIT
//! Run it alone, and under `heapwise run`.

#[inline(never)]
fn careless(words: &[&str]) -> usize {
    words.join(" ").len()
}

fn main() {
    println!("active={}", heapwise::is_active());
    heapwise::mark("begin");
    let (table, stats) = heapwise::count(|| {
        let mut table: Vec<u64> = Vec::with_capacity(100);
        table.push(7);
        let text = Box::new([0u8; 1000]);
        drop(text);
        table
    });
    match stats {
        Some(stats) => println!("{:?}", stats),
        None => println!("not under heapwise: nothing is asserted"),
    }
    heapwise::no_alloc("sum", || table.iter().sum::<u64>());
    heapwise::no_alloc("careless", || careless(&["a", "b"]));
    let pool = heapwise::Pool::new("rust pool");
    let memory = [0u8; 100];
    pool.alloc(&memory[0], 10);
    pool.alloc(&memory[10], 20);
    pool.free(&memory[0]);
    heapwise::snapshot("end");
}
