//! Seeds, and how they are made into other inputs: what a fuzzer does, with a fixed number of cases under `cargo test`
//! and as many more as `PROPTEST_CASES` asks for.
//!
//! Seeds are the sample payloads of `events/`, the examples of the published language, and the files under `corpus/`,
//! one folder a target. What a run finds, proptest adds to `corpus/regressions.txt`, which is committed and tried
//! first ever after.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

/// The settings of a target that has that many cases, unless the environment says how many.
pub fn cases(pinned: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(pinned),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/bad_input/corpus/regressions.txt",
        ))),
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_file());
    found.sort();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// The seeds under `corpus/` of that target.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_input/corpus");
    let files = files(&folder.join(target));
    files
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// The sample payloads of a context's triggers.
pub fn payloads(context: &str) -> Vec<Vec<u8>> {
    let files = files(&root().join("events").join(context));
    files
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// The examples of every event type.
pub fn events() -> Vec<Vec<u8>> {
    let mut files = files(&root().join("shared/contracts/examples"));
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// What is put into an input: what parsers look for, and what they do not expect.
const TOKENS: &[&[u8]] = &[
    b"",
    b"\0",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"-",
    b"-1",
    b"0",
    b"1e999",
    b"18446744073709551616",
    b"9223372036854775807",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xc0\x80",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"?",
    b"#",
    b"/",
    b"../",
    b";",
    b"'",
    b"t=",
    b"v1=",
    b"0.1",
    "茶".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"aws:sqs",
    b"aws:dynamodb",
    b"JPY",
    b"USD",
];

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Insert(Index, &'static [u8]),
    Replace(Index, Index, &'static [u8]),
    Cut(Index, Index),
    Double(Index, Index),
    Move(Index, Index, Index),
    /// A part of another seed.
    Splice(Index, Index, Index, Index),
    End(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    let token = || proptest::sample::select(TOKENS);
    prop_oneof![
        (place(), 1_u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (place(), token()).prop_map(|(at, token)| Change::Insert(at, token)),
        (place(), place(), token()).prop_map(|(from, to, token)| Change::Replace(from, to, token)),
        (place(), place()).prop_map(|(from, to)| Change::Cut(from, to)),
        (place(), place()).prop_map(|(from, to)| Change::Double(from, to)),
        (place(), place(), place()).prop_map(|(from, to, at)| Change::Move(from, to, at)),
        (place(), place(), place(), place())
            .prop_map(|(other, from, to, at)| Change::Splice(other, from, to, at)),
        place().prop_map(Change::End),
    ]
}

impl Change {
    fn apply(&self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = |place: &Index, length: usize| place.index(length + 1);
        // Most parts are short: a long one leaves too little of the seed.
        let part = |from: &Index, to: &Index, length: usize| {
            let from = from.index(length + 1);
            from..from + to.index((length - from).min(40) + 1)
        };
        match self {
            Self::Flip(place, bits) => {
                if !input.is_empty() {
                    let place = place.index(input.len());
                    input[place] ^= bits;
                }
            }
            Self::Insert(place, token) => {
                let at = at(place, input.len());
                input.splice(at..at, token.iter().copied());
            }
            Self::Replace(from, to, token) => {
                let part = part(from, to, input.len());
                input.splice(part, token.iter().copied());
            }
            Self::Cut(from, to) => {
                let part = part(from, to, input.len());
                input.drain(part);
            }
            Self::Double(from, to) => {
                let part = part(from, to, input.len());
                let copy = input[part.clone()].to_vec();
                input.splice(part.end..part.end, copy);
            }
            Self::Move(from, to, place) => {
                let part = part(from, to, input.len());
                let moved: Vec<u8> = input.drain(part).collect();
                let at = at(place, input.len());
                input.splice(at..at, moved);
            }
            Self::Splice(other, from, to, place) => {
                let other = &seeds[other.index(seeds.len())];
                let copy = other[part(from, to, other.len())].to_vec();
                let at = at(place, input.len());
                input.splice(at..at, copy);
            }
            Self::End(place) => input.truncate(at(place, input.len())),
        }
    }
}

/// A seed with a few changes; now and then, bytes of no seed at all.
pub fn inputs(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec(change(), 0..6);
    let changed = (any::<Index>(), changes).prop_map(move |(seed, changes)| {
        let mut input = seeds[seed.index(seeds.len())].clone();
        for change in changes {
            change.apply(&mut input, &seeds);
        }
        input
    });
    prop_oneof![
        9 => changed,
        1 => proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

/// The same, of texts.
pub fn texts(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => inputs(seeds).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => any::<String>(),
    ]
}
