//! Reads a file with the crate `subunit`, drops the items and prints how many there were.

use std::fs::File;
use std::io::BufReader;

use subunit::io::sync::iter_stream;

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let file = BufReader::with_capacity(1 << 16, File::open(path).expect("a file that opens"));
    println!("{}", iter_stream(file).map(|item| item.expect("an item")).count());
}
