//! `vaccert-verify` and `vaccert verify`: certificates in, verdicts out. Opens files and standard input,
//! never a socket.

mod human;
mod lists;

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, ValueEnum};
use jiff::Timestamp;

use crate::{
    clock::{Clock, System},
    limits::{CODE_TEXT_BYTES, SMALL_FILE_BYTES},
    trust::TrustStore,
    verify::{Decision, Verdict, Verifier},
};

/// How verdicts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a terminal: one word, the reason, name and date of birth
    Human,
    /// One JSON object a code
    Json,
}

/// Arguments of the verifier.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Files with one code's text each; - is standard input
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Each line of the input is a code; one JSON object a line comes out, in order
    #[arg(long)]
    lines: bool,
    /// How verdicts are written; default: human on a terminal, json elsewhere
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// Trust bundle or certificate, or a folder of them; may be repeated
    #[arg(long, value_name = "PATH")]
    trust: Vec<PathBuf>,
    /// Accept a list whose own signature cannot be checked
    #[arg(long)]
    trust_unsigned: bool,
    /// Public key or certificate that signs the lists; may be repeated
    #[arg(long, value_name = "PATH")]
    list_key: Vec<PathBuf>,
    /// Time of verification (RFC 3339); default now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Put the decoded payload into the JSON
    #[arg(long)]
    payload: bool,
}

#[derive(Debug, Parser)]
#[command(name = "vaccert-verify", version, about = "Checks vaccination certificates, offline")]
struct Program {
    #[command(flatten)]
    args: VerifyArgs,
}

/// Runs the stand-alone verifier.
#[must_use]
pub fn main() -> ExitCode {
    run(&Program::parse().args, System.now())
}

/// Exit status when a file or list cannot be read.
const UNREADABLE: u8 = 4;

/// Counts verdicts for the exit status.
#[derive(Default)]
struct Count {
    rejected: bool,
    undecided: bool,
    unreadable: bool,
}

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        match verdict.verdict {
            Decision::Accepted => {}
            Decision::Rejected => self.rejected = true,
            Decision::Undecided => self.undecided = true,
        }
    }

    /// 0 all accepted, 1 some rejected, 3 some undecided and none rejected, 4 a file could not be read.
    fn exit(&self) -> ExitCode {
        ExitCode::from(match self {
            Self { unreadable: true, .. } => UNREADABLE,
            Self { rejected: true, .. } => 1,
            Self { undecided: true, .. } => 3,
            _ => 0,
        })
    }
}

/// Runs the verifier.
#[must_use]
pub fn run(args: &VerifyArgs, now: Timestamp) -> ExitCode {
    let trust = match lists::load(&args.trust, &args.list_key, args.trust_unsigned) {
        Ok(trust) => trust,
        Err(error) => {
            eprintln!("vaccert-verify: {error}");
            return ExitCode::from(UNREADABLE);
        }
    };
    let at = args.at.unwrap_or(now);
    let verifier = Verifier::new(&trust, at).with_payload(args.payload);
    let human = match args.format {
        Some(form) => form == Form::Human,
        None => !args.lines && io::stdout().is_terminal(),
    };
    let mut printer = Printer { human, trust: &trust, at, many: args.inputs.len() > 1 };
    let mut count = Count::default();
    let standard = [PathBuf::from("-")];
    let inputs: &[PathBuf] = if args.inputs.is_empty() { &standard } else { &args.inputs };
    for input in inputs {
        let result = if args.lines {
            lines(input, &verifier, &mut printer, &mut count)
        } else {
            one(input, &verifier, &mut printer, &mut count)
        };
        if let Err(problem) = result {
            // Whoever reads our output went away: that is no failure of a file.
            if problem.kind() == io::ErrorKind::BrokenPipe {
                break;
            }
            eprintln!("vaccert-verify: {}: {problem}", input.display());
            count.unreadable = true;
        }
    }
    count.exit()
}

struct Printer<'a> {
    human: bool,
    trust: &'a TrustStore,
    at: Timestamp,
    many: bool,
}

impl Printer<'_> {
    fn print(&mut self, input: &Path, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        if self.human {
            if self.many {
                writeln!(out, "{}:", input.display())?;
            }
            return human::write(verdict, self.trust, self.at, out);
        }
        serde_json::to_writer(&mut *out, verdict)?;
        out.write_all(b"\n")
    }
}

fn open(input: &Path) -> io::Result<Box<dyn Read>> {
    if input == Path::new("-") { Ok(Box::new(io::stdin())) } else { Ok(Box::new(fs::File::open(input)?)) }
}

/// A file with one code.
fn one(input: &Path, verifier: &Verifier<'_>, printer: &mut Printer<'_>, count: &mut Count) -> io::Result<()> {
    let mut bytes = Vec::new();
    open(input)?.take(SMALL_FILE_BYTES).read_to_end(&mut bytes)?;
    if let Some(kind) = picture(&bytes) {
        let text = format!("is a {kind}; this version reads the text of a code: scan it and give the text");
        return Err(io::Error::other(text));
    }
    let text = String::from_utf8_lossy(&bytes);
    // One code may be wrapped by nothing but line ends; several lines are several codes.
    let mut codes = text.lines().filter(|line| !line.trim().is_empty());
    let code = codes.next().unwrap_or("");
    if codes.next().is_some() {
        return Err(io::Error::other("has more than one line; use --lines to check a list of codes"));
    }
    let verdict = verifier.judge(code);
    count.add(&verdict);
    printer.print(input, &verdict, &mut io::stdout().lock())
}

/// What a file is that holds no text, by its first bytes.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("PNG picture"),
        [0xff, 0xd8, 0xff, ..] => Some("JPEG picture"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        _ => None,
    }
}

/// A file with a code on each line. A broken line gets its verdict and stops nothing.
fn lines(input: &Path, verifier: &Verifier<'_>, printer: &mut Printer<'_>, count: &mut Count) -> io::Result<()> {
    let mut reader = io::BufReader::new(open(input)?);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = u64::try_from(CODE_TEXT_BYTES).unwrap_or(u64::MAX).saturating_add(2);
        let read = (&mut reader).take(limit).read_until(b'\n', &mut line)?;
        if read == 0 {
            return out.flush();
        }
        if line.last() != Some(&b'\n') {
            // Longer than any code: the rest of the line belongs to it.
            skip_line(&mut reader)?;
        }
        let text = String::from_utf8_lossy(&line);
        let verdict = verifier.judge(text.trim_end_matches(['\r', '\n']));
        count.add(&verdict);
        printer.print(input, &verdict, &mut out)?;
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|&b| b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        reader.consume(used);
        if ended {
            return Ok(());
        }
    }
}
