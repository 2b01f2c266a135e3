//! The main job on synthetic records: `vaccert issue` from a file, in records a second and peak memory.
//!
//! `cargo bench --bench throughput [-- RECORDS…]`, by default 10000 and 100000 records (two doses a person). Above
//! 100000 only the text is written: what is asked there is whether memory stays flat.
//! The folder for the certificates is a temporary one and is removed.
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const GIVEN: [&str; 8] = ["Amara", "José María", "Thị Hương", "Łukasz", "Zoë", "Kwame", "Inês", "Nguyệt"];
const FAMILY: [&str; 8] =
    ["Specimen", "Muñoz", "Nguyễn", "Brzęczyszczykiewicz", "Müller", "Example", "D'Ávila", "Ångström"];
const VACCINES: [(&str, &str); 4] = [
    ("ASTRAZENECA", "ASTRAZENECA"),
    ("BIONTECHPFIZER", "BIONTECHPFIZER"),
    ("MODERNA", "MODERNA"),
    ("SINOPHARM", "SINOPHARM"),
];

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000] } else { sizes };
    for size in sizes {
        let dir = tempfile::tempdir().unwrap();
        let people = dir.path().join("people.ndjson");
        write_people(&people, size / 2);
        let kinds: &[&str] = if size > 100_000 { &["txt"] } else { &["txt,png", "txt,pdf", "txt,png,svg,pdf"] };
        for files in kinds {
            run(&people, &dir.path().join(files.replace(',', "-")), size, files);
        }
    }
}

fn write_people(path: &Path, people: usize) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    for n in 0..people {
        let (given, family) = (GIVEN[n % 8], FAMILY[n / 8 % 8]);
        let (vaccine, manufacturer) = VACCINES[n % 4];
        let event = |number: usize, date: &str| {
            format!(
                r#"{{"event":"e{number}{n:09}","programStage":"a1jCssI2LkW","status":"COMPLETED","orgUnit":"Facility001","orgUnitName":"Clinic","occurredAt":"{date}T00:00:00.000","dataValues":[{{"dataElement":"bbnyNYD1wgS","value":"{vaccine}"}},{{"dataElement":"rpkH9ZPGJcX","value":"{manufacturer}"}},{{"dataElement":"LUIsbsm3okG","value":"DOSE{number}"}},{{"dataElement":"Yp1F4txx8tm","value":"LOT{n}"}},{{"dataElement":"PamkjF1JUnE","value":"2"}}]}}"#
            )
        };
        writeln!(
            out,
            r#"{{"trackedEntity":"p{n:010}","attributes":[{{"attribute":"sB1IHYu2xQT","value":"{given}"}},{{"attribute":"ENRjVGxVL6l","value":"{family}"}},{{"attribute":"NI0QRzJvQ0k","value":"{}-{:02}-{:02}"}}],"enrollments":[{{"enrollment":"n{n:010}","program":"yDuAzyqYABS","status":"ACTIVE","events":[{},{}]}}]}}"#,
            1930 + n % 75,
            n % 12 + 1,
            n % 28 + 1,
            event(1, "2021-06-02"),
            event(2, "2021-08-25"),
        )
        .unwrap();
    }
    out.into_inner().unwrap();
}

fn run(people: &Path, out: &Path, records: usize, files: &str) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vaccert"))
        .args(["issue", "--quiet", "--files", files, "--from"])
        .arg(people)
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak = peak.max(resident(child.id()));
        std::thread::sleep(Duration::from_millis(50));
    };
    let seconds = start.elapsed().as_secs_f64();
    assert!(status.success(), "the run failed");
    println!(
        "{records:>8} records, {files:<16} {:>6.0} a second, peak memory {:>4} MB",
        records as f64 / seconds,
        peak / 1024
    );
    fs::remove_dir_all(out).unwrap();
}

/// Peak resident memory of a process in KiB (Linux).
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
