//! The crate `subunit` behind the session protocol of HARNESS.md.
//!
//! Strategy: its reader blocks, so it runs in a thread of its own, on a `Read` that
//! takes octets from a channel. When it asks for octets and none are left, the
//! `feed` is answered, and the thread waits for the next. A panic ends the stream.

use std::io::{BufRead, Read, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;

use chrono::DateTime;
use serde_json::{json, Map, Value};
use subunit::deserialize::Deserializable;
use subunit::io::sync::iter_stream;
use subunit::types::{event::Event, stream::ScannedItem, teststatus::TestStatus};

const VERSION: &str = "0.3.1";

const STATUSES: [(&str, TestStatus); 7] = [
    ("exists", TestStatus::Enumeration),
    ("inprogress", TestStatus::InProgress),
    ("success", TestStatus::Success),
    ("uxsuccess", TestStatus::UnexpectedSuccess),
    ("skip", TestStatus::Skipped),
    ("fail", TestStatus::Failed),
    ("xfail", TestStatus::ExpectedFailure),
];

/// What the reader's thread tells.
enum Told {
    Item(Value),
    Waits,
    Ended,
    Failed(String),
}

/// What is fed, as a `Read`. No octets are the end of the stream.
struct Fed {
    pieces: Receiver<Vec<u8>>,
    told: Sender<Told>,
    left: Vec<u8>,
}

impl Read for Fed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() {
            let _ = self.told.send(Told::Waits);
            self.left = self.pieces.recv().unwrap_or_default();
        }
        let size = self.left.len().min(buffer.len());
        buffer[..size].copy_from_slice(&self.left[..size]);
        self.left.drain(..size);
        Ok(size)
    }
}

struct Stream {
    pieces: Sender<Vec<u8>>,
    told: Receiver<Told>,
    failed: Option<String>,
    ended: bool,
}

impl Stream {
    fn open() -> Stream {
        let (pieces, fed) = channel();
        let (tell, told) = channel();
        let source = Fed { pieces: fed, told: tell.clone(), left: Vec::new() };
        thread::spawn(move || {
            let read = AssertUnwindSafe(|| {
                for scanned in iter_stream(source) {
                    match scanned {
                        Ok(item) => drop(tell.send(Told::Item(to_item(item)))),
                        Err(error) => return Told::Failed(error.to_string()),
                    }
                }
                Told::Ended
            });
            let end = catch_unwind(read).unwrap_or_else(|panic| Told::Failed(panicked(&*panic)));
            let _ = tell.send(end);
        });
        let mut stream = Stream { pieces, told, failed: None, ended: false };
        stream.wait();
        stream
    }

    fn feed(&mut self, octets: Vec<u8>) -> Value {
        if self.failed.is_none() && !self.ended {
            let _ = self.pieces.send(octets);
            return self.wait();
        }
        self.failed.as_ref().map_or(json!({"items": []}), |why| json!({"error": why}))
    }

    fn wait(&mut self) -> Value {
        let mut items = Vec::new();
        loop {
            match self.told.recv() {
                Ok(Told::Item(item)) => items.push(item),
                Ok(Told::Failed(why)) => {
                    self.failed = Some(why.clone());
                    return json!({"error": why});
                }
                Ok(Told::Waits) => return json!({"items": items}),
                Ok(Told::Ended) | Err(_) => {
                    self.ended = true;
                    return json!({"items": items});
                }
            }
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("?"))
}

fn to_item(scanned: ScannedItem) -> Value {
    let event = match scanned {
        ScannedItem::Event(event) => event,
        ScannedItem::Bytes(octets) => return json!({"kind": "passthrough", "bytes": hex(&octets)}),
        ScannedItem::Unknown(octets, why) => {
            let error = error_code(&why.to_string(), &octets);
            return json!({"kind": "corrupt", "error": error, "bytes": hex(&octets)});
        }
    };
    let mut item = Map::new();
    item.insert("kind".into(), json!("packet"));
    item.insert("runnable".into(), json!(event.runnable));
    item.insert("eof".into(), json!(event.file.eof));
    if let Some((name, _)) = STATUSES.iter().find(|(_, status)| *status == event.status) {
        item.insert("test_status".into(), json!(name));
    }
    if let Some(tags) = event.tags {
        item.insert("test_tags".into(), json!(tags));
    }
    if let Some(time) = event.timestamp {
        let nanoseconds: u32 = time.nanoseconds.into();
        let time = json!({"seconds": time.seconds, "nanoseconds": nanoseconds});
        item.insert("timestamp".into(), time);
    }
    if let Some((name, content)) = event.file.file {
        item.insert("file_name".into(), json!(name));
        item.insert("file_bytes".into(), json!(hex(&content)));
    }
    let texts = [
        ("test_id", event.test_id),
        ("mime_type", event.file.mime_type),
        ("route_code", event.route_code),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            item.insert(key.into(), json!(text));
        }
    }
    Value::Object(item)
}

/// Which error it means, by its message.
fn error_code(why: &str, octets: &[u8]) -> &'static str {
    let is_cut = !matches!(Event::required_bytes(octets), Ok(needed) if needed <= octets.len());
    match why {
        "Invalid UTF8" => "utf8",
        "Not enough bytes" if is_cut => "truncated",
        "Not enough bytes" => "field_overrun",
        "Value is too large to encode" => "length_encoding",
        "Internal logic error Reserved feature" => "reserved_bit",
        _ if why.starts_with("Bad version") => "version",
        _ if why.starts_with("CRC32 Mismatch") => "checksum",
        _ if why.starts_with("Invalid packet header") => "length_too_short",
        _ => panic!("an error without a code: {why}"),
    }
}

/// Errors are answers: what it refuses, or what its types cannot express.
fn encode(packet: &Value) -> Result<Value, Value> {
    let text = |key: &str| packet[key].as_str();
    let status = match text("test_status") {
        None => TestStatus::Undefined,
        Some(name) => {
            let known = STATUSES.iter().find(|(each, _)| *each == name);
            known.ok_or_else(|| unsupported("its statuses are an enumeration"))?.1
        }
    };
    let mut event = Event::new(status).build();
    event.test_id = text("test_id").map(str::to_string);
    event.route_code = text("route_code").map(str::to_string);
    event.file.mime_type = text("mime_type").map(str::to_string);
    event.file.eof = packet["eof"].as_bool().unwrap_or(false);
    event.runnable = packet["runnable"].as_bool().unwrap_or(true);
    event.file.file = match (text("file_name"), text("file_bytes")) {
        (Some(name), Some(content)) => Some((name.to_string(), unhex(content))),
        (None, None) => None,
        _ => return Err(unsupported("it takes a file's name and content together")),
    };
    if let Some(tags) = packet["test_tags"].as_array() {
        event.tags = Some(tags.iter().filter_map(Value::as_str).map(str::to_string).collect());
    }
    if let Some(time) = packet.get("timestamp") {
        let (seconds, nanoseconds) = (time["seconds"].as_i64(), time["nanoseconds"].as_i64());
        let time = nanoseconds
            .filter(|nanoseconds| *nanoseconds < 1_000_000_000)
            .and_then(|nanoseconds| nanoseconds.try_into().ok())
            .and_then(|nanoseconds| DateTime::from_timestamp(seconds?, nanoseconds))
            .ok_or_else(|| unsupported("no DateTime is this time"))?;
        event.timestamp = Some(time.try_into().map_err(refused)?);
    }
    Ok(json!({"bytes": hex(&event.to_vec().map_err(refused)?)}))
}

fn unsupported(why: &str) -> Value {
    json!({"unsupported": why})
}

fn refused(why: impl std::fmt::Display) -> Value {
    eprintln!("{why}");
    // No error says which field it is.
    json!({"refused": true})
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let value = |digit: u8| (digit as char).to_digit(16).expect("hex") as u8;
    text.as_bytes().chunks(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

fn answer(request: &Value, stream: &mut Stream) -> Value {
    match request["op"].as_str() {
        Some("hello") => json!({"name": "subunit-rust", "version": VERSION, "language": "Rust",
            "profiles": ["packet", "stream", "recovery", "writer"]}),
        Some("open") if !request["routes"].is_null() => unsupported("no multiplexer"),
        Some("open") => {
            *stream = Stream::open();
            json!({})
        }
        Some("feed") => match request["bytes"].as_str().map(unhex).unwrap_or_default() {
            octets if octets.is_empty() => json!({"items": []}),
            octets => stream.feed(octets),
        },
        Some("close") => stream.feed(Vec::new()),
        Some("stop") => unsupported("its reader cannot be told to stop waiting"),
        Some("encode") if request["split"] == true => unsupported("it does not split"),
        Some("encode") => catch_unwind(|| encode(&request["packet"]).unwrap_or_else(|said| said))
            .unwrap_or_else(|panic| json!({"error": panicked(&*panic)})),
        _ => json!({}),
    }
}

fn main() {
    let mut stream = Stream::open();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let mut said;
        let is_bye;
        if let Ok(request) = serde_json::from_str::<Value>(&line) {
            is_bye = request["op"] == "bye";
            said = answer(&request, &mut stream);
            said["id"] = request["id"].clone();
        } else {
            // A lone surrogate, which JSON can write down and a string cannot hold.
            let id = line["{\"id\":".len()..].split(',').next().unwrap_or("0");
            said = unsupported("a string is UTF-8");
            said["id"] = json!(id.parse::<u64>().expect("an id"));
            is_bye = false;
        }
        println!("{said}");
        std::io::stdout().flush().expect("it is read");
        if is_bye {
            return;
        }
    }
}
