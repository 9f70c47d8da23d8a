//! A harness for a subunit v2 reader in Rust, without crates. Copy it, and add your reader.
//!
//! 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
//! 2. rustc -O -o harness harness.rs; subunit2 conformance run --session ./harness
//! Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`). It is started for
//! each stream, which is slow, and reads standard input. HARNESS.md describes the requests.

use std::io::{BufRead, Write};
use std::process::{Command, Stdio};
use std::{env, io, thread};

/// "live" is false if items are returned only at the end; a "writer" is a profile, too.
const HELLO: &str = concat!(
    r#","name":"rust-template","version":"1.0","language":"Rust","#,
    r#""profiles":["packet","stream","recovery"],"live":false"#
);

/// A failure: (`error`, `unsupported` or `refused`; the reason or the key).
type Failure = (&'static str, String);

/// YOUR READER GOES HERE: turn the octets of a stream into items, JSON objects in the form of
/// item.schema.json, one a line; offset, length and raw are optional. A panic counts as a crash.
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

/// YOUR WRITER GOES HERE: turn such an object, as text, into octets in hex. With `split`,
/// the content may be larger than a packet: return several packets.
fn encode(_packet: &str, _split: bool) -> Result<String, Failure> {
    Err(("unsupported", "no writer".into()))
}

// The session follows, and needs no change. Requests are ASCII without spaces, with keys in a
// fixed order, so no JSON library is needed to read them.

/// The text between `start` and `end` in a request; empty if it is missing.
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
        _ => return Err(("unsupported", "this harness does not support it".into())),
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
