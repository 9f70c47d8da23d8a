//! A harness for a subunit v2 reader in Rust, without crates. Copy it, and put your reader in.
//!
//! 1. Replace what stands under YOUR READER GOES HERE, and YOUR WRITER where you have one.
//! 2. rustc -O -o harness harness.rs; subunit2 conformance run --session ./harness
//! As it stands, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`), which gets the
//! stream on standard input, is started anew for each, and so is slow. The requests: HARNESS.md.

use std::io::{BufRead, Write};
use std::process::{Command, Stdio};
use std::{env, io, thread};

/// "live" is false where items come when the stream has ended; there may be a "writer", too.
const HELLO: &str = concat!(
    r#","name":"rust-template","version":"1.0","language":"Rust","#,
    r#""profiles":["packet","stream","recovery"],"live":false"#
);

/// Why there are no items or octets: (`error`, `unsupported` or `refused`; text or key).
type Failure = (&'static str, String);

/// YOUR READER GOES HERE: a stream's octets to its items, which are JSON objects in the form of
/// item.schema.json, one a line; offset, length and raw may be left out. A panic counts as a death.
fn decode(octets: Vec<u8>) -> Result<String, Failure> {
    let command = env::var("SUBUNIT2_DECODER").unwrap_or("subunit2 decode".into());
    let mut decoder = Command::new("sh")
        .args(["-c", &command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let mut input = decoder.stdin.take().expect("it is piped");
    let feeding = thread::spawn(move || input.write_all(&octets));
    let done = decoder.wait_with_output().expect("its output is read");
    let _ = feeding.join(); // it need not have read everything
    match done.status.code() {
        Some(0) => Ok(String::from_utf8(done.stdout).expect("JSON is UTF-8")),
        Some(77) => Err(("unsupported", "the decoder says so".into())),
        _ => Err(("error", format!("the decoder: {}", done.status))),
    }
}

/// YOUR WRITER GOES HERE: an object of the same form, as text, to octets in hex. With `split`, the
/// content may be larger than a packet: all packets that it takes.
fn encode(_packet: &str, _split: bool) -> Result<String, Failure> {
    Err(("unsupported", "no writer".into()))
}

// What follows is the session, and can stay as it is. Requests are written without spaces, in
// ASCII, keys in a fixed order: no JSON library is needed to read them.

/// What stands between `start` and `end` in a request; empty where that is not there.
fn between<'a>(request: &'a str, start: &str, end: &str) -> &'a str {
    let behind = request.split_once(start).map_or("", |(_, rest)| rest);
    behind.split_once(end).map_or("", |(value, _)| value)
}

fn octets(hex: &str) -> impl Iterator<Item = u8> + '_ {
    let octet = move |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(octet)
}

fn answer(request: &str, stream: &mut Vec<u8>) -> Result<String, Failure> {
    let multiplexes = request.contains(r#","routes":["#) || request.contains(r#","input":"#);
    match between(request, r#","op":""#, "\"") {
        _ if multiplexes => return Err(("unsupported", "no multiplexer".into())),
        "hello" => return Ok(HELLO.into()),
        "encode" => {
            let (_, rest) = request.split_once(r#","packet":"#).expect("a packet");
            let (packet, split) = match rest.strip_suffix(r#","split":true}"#) {
                Some(packet) => (packet, true),
                None => (&rest[..rest.len() - 1], false),
            };
            return Ok(format!(r#","bytes":"{}""#, encode(packet, split)?));
        }
        "open" => stream.clear(),
        "feed" => {
            stream.extend(octets(between(request, r#","bytes":""#, "\"")));
            return Ok(r#","items":[]"#.into());
        }
        "close" => {
            let lines = decode(std::mem::take(stream))?;
            let items = lines.trim_end().replace('\n', ",");
            return Ok(format!(r#","items":[{items}]"#));
        }
        "bye" => {}
        _ => return Err(("unsupported", "this harness does not have that".into())),
    }
    Ok(String::new())
}

fn main() {
    let mut stream = Vec::new();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let id = between(&line, r#"{"id":"#, ",");
        let reply = answer(&line, &mut stream);
        let reply = reply.unwrap_or_else(|(kind, text)| format!(r#","{kind}":"{text}""#));
        println!(r#"{{"id":{id}{reply}}}"#);
    }
}
