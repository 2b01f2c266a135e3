//! The house stands: rooms import only what the table allows, nothing below floor 4 does input or output,
//! and only one room reads the time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{collections::BTreeMap, fs, path::Path};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

/// Rooms by floor, each with what it may import. `Floor(n)` stands for every room of the floors 0 to n.
const TABLE: &[(&str, u8, &[&str])] = &[
    ("clock", 0, &[]),
    ("limits", 0, &[]),
    // valueset and record are one vocabulary: a country or a product is a word of both.
    ("valueset", 0, &["limits"]),
    ("record", 0, &["valueset", "limits"]),
    ("keys", 1, &["limits"]),
    ("envelope", 1, &["limits", "keys"]),
    ("barcode", 1, &["limits"]),
    // A ZIP archive of files that are compressed already; downloads and passes are ones.
    ("archive", 1, &[]),
    ("payload", 2, &["record", "valueset", "envelope", "limits"]),
    ("trust", 2, &["clock", "limits", "keys", "envelope"]),
    ("revocation", 2, &["clock", "limits", "keys", "envelope"]),
    ("rules", 2, &["clock", "limits", "keys", "envelope", "valueset", "payload"]),
    ("verify", 3, &["floor 0", "floor 1", "floor 2"]),
    ("issue", 3, &["floor 0", "floor 1", "floor 2", "verify"]),
    ("source", 4, &["floor 0"]),
    ("signers", 4, &["clock", "limits", "keys"]),
    // Who may do what: roles, rights, quotas.
    ("access", 4, &["floor 0", "keys"]),
    ("registry", 4, &["floor 0", "keys", "issue", "access"]),
    // A signature on a finished PDF: it needs keys and the writer of CMS, and nothing of what the paper says.
    ("seal", 4, &["limits", "keys", "trust"]),
    // Passes for the wallets of telephones: what the paper says, with its code, in their forms.
    ("wallet", 4, &["limits", "keys", "trust", "archive", "document"]),
    // Paper packs the text of a code more densely than a screen needs (envelope).
    ("document", 4, &["floor 0", "envelope", "barcode", "issue"]),
    // Making a national PKI from one reviewed file; whoever makes certificates needs a signer for them.
    ("ceremony", 4, &["clock", "limits", "keys", "signers", "record"]),
    ("gateway", 4, &["floor 0", "floor 1", "floor 2"]),
    // The main job itself: both shells run it, so it stands below them and above every room that it joins.
    ("batch", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4"]),
    // From the registry's log of revocations to the lists that devices and gateways read.
    ("publication", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch"]),
    // What goes back into DHIS2: counts, and the status of certificates.
    ("returns", 5, &["floor 0", "floor 4"]),
    ("config", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch", "publication", "returns"]),
    // The others' side of a rehearsal: a gateway and a DHIS2 as they behave, for `vaccert sandbox` and the tests.
    ("sandbox", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch"]),
    // A configured installation, checked end to end.
    ("doctor", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch", "publication", "config"]),
    // The account that an installation gives of itself: its log, its certificates, and the doses.
    ("audit", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch", "publication"]),
    // What the commands and the service both do with a configured installation.
    ("work", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch", "publication", "config"]),
    (
        "service",
        5,
        &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "batch", "publication", "config", "work", "audit"],
    ),
    // `vaccert serve` and `demo` start the service; the service knows nothing of the command line.
    ("cli", 5, &["floor 0", "floor 1", "floor 2", "floor 3", "floor 4", "floor 5"]),
    ("bin", 6, &["cli"]),
    // The verifier for browsers: a package of its own, with the feature `verify` alone.
    ("wasm", 6, &["limits", "barcode", "verify"]),
];

fn floor(room: &str) -> Option<u8> {
    TABLE.iter().find(|(name, ..)| *name == room).map(|(_, floor, _)| *floor)
}

fn may_import(room: &str, other: &str) -> bool {
    let (_, _, allowed) = TABLE.iter().find(|(name, ..)| *name == room).unwrap();
    let by_floor = floor(other).map(|floor| format!("floor {floor}"));
    room == other || allowed.iter().any(|a| *a == other || Some((*a).to_owned()) == by_floor)
}

/// Every Rust file under `src`, as path segments without the extension, with its non-test tokens.
fn files() -> Vec<(Vec<String>, TokenStream)> {
    fn walk(dir: &Path, root: &Path, out: &mut Vec<(Vec<String>, TokenStream)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let mut segments: Vec<String> = path
                    .strip_prefix(root)
                    .unwrap()
                    .with_extension("")
                    .iter()
                    .map(|s| s.to_string_lossy().into_owned())
                    .collect();
                if segments.last().is_some_and(|s| s == "mod") {
                    segments.pop();
                }
                let text = fs::read_to_string(&path).unwrap();
                let mut file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                file.items.retain(|item| !is_test(item));
                out.push((segments, file.to_token_stream()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    assert!(out.len() > 20, "the source tree was not found");
    out
}

fn is_test(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|a| a.path().is_ident("cfg") && a.to_token_stream().to_string().contains("test"))
}

/// All paths of the token stream as lists of identifiers, groups `a::{b, c::d}` unfolded.
fn paths(stream: TokenStream) -> Vec<Vec<String>> {
    fn walk(stream: TokenStream, prefix: &[String], out: &mut Vec<Vec<String>>) {
        let mut path: Vec<String> = prefix.to_vec();
        let mut colons = 0;
        for token in stream {
            match token {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        if path.len() > prefix.len() {
                            out.push(std::mem::replace(&mut path, prefix.to_vec()));
                        } else {
                            path = prefix.to_vec();
                        }
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    let inner: &[String] = if colons == 2 { &path } else { &[] };
                    walk(group.stream(), inner, out);
                    if path.len() > prefix.len() {
                        out.push(std::mem::replace(&mut path, prefix.to_vec()));
                    }
                    colons = 0;
                }
                _ => {
                    if path.len() > prefix.len() {
                        out.push(std::mem::replace(&mut path, prefix.to_vec()));
                    }
                    colons = 0;
                }
            }
        }
        if path.len() > prefix.len() {
            out.push(path);
        }
    }
    let mut out = Vec::new();
    walk(stream, &[], &mut out);
    out
}

/// The room that a path leads to, seen from a module.
fn target(path: &[String], module: &[String]) -> Option<String> {
    match path.first()?.as_str() {
        "crate" | "vaccert" => path.get(1).cloned(),
        "super" => {
            let ups = path.iter().take_while(|s| *s == "super").count();
            (ups >= module.len()).then(|| path.get(ups).cloned()).flatten()
        }
        _ => None,
    }
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut wrong = BTreeMap::new();
    for (module, stream) in files() {
        let room = module[0].clone();
        if room == "lib" {
            continue;
        }
        assert!(floor(&room).is_some(), "src/{room} has no floor: give it one in the table of this test");
        for path in paths(stream) {
            let Some(other) = target(&path, &module) else { continue };
            if floor(&other).is_some() && !may_import(&room, &other) {
                wrong.insert(format!("{} imports {other}", module.join("/")), path.join("::"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that the house does not allow: {wrong:#?}");
}

#[test]
fn floors_0_to_3_do_no_input_or_output_and_read_no_clock() {
    let forbidden = ["fs", "net", "env", "process", "thread"];
    let mut wrong = Vec::new();
    for (module, stream) in files() {
        let low = floor(&module[0]).is_some_and(|f| f <= 3);
        for path in paths(stream) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let io = match path.as_slice() {
                ["std", room, ..] => forbidden.contains(room),
                ["tokio" | "reqwest" | "sqlx" | "axum", ..] => true,
                _ => false,
            };
            if low && io {
                wrong.push(format!("{}: {}", module.join("/"), path.join("::")));
            }
            let clock =
                matches!(path.as_slice(), [.., "Timestamp" | "SystemTime" | "Instant" | "Zoned" | "Utc", "now"]);
            if clock && module[0] != "clock" {
                wrong.push(format!("{} reads the time: {}", module.join("/"), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_model_files_know_wire_names() {
    // The letters of the EU DCC's keys, as string literals, stand in the payload room alone.
    for (module, stream) in files() {
        let text = stream.to_string();
        if module[0] != "payload" && module[0] != "lib" {
            for key in ["\"gnt\"", "\"fnt\"", "\"sd\"", "\"dn\""] {
                assert!(!text.contains(key), "src/{} knows the wire name {key}", module.join("/"));
            }
        }
    }
}

#[test]
fn the_reader_of_paths_sees_groups_and_supers() {
    let stream: TokenStream =
        "use crate::{keys::Kid, record::{self, names::NameError}}; fn f() { super::super::issue::go(); }"
            .parse()
            .unwrap();
    let found: Vec<String> =
        paths(stream).iter().filter_map(|p| target(p, &["a".to_owned(), "b".to_owned()])).collect();
    assert_eq!(found, ["keys", "record", "record", "record", "issue"]);
}
