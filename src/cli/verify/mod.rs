//! `vaccert-verify` and `vaccert verify`: certificates in, verdicts out. Opens files and standard input,
//! never a socket.

mod convert;
mod human;
mod input;
pub(super) mod knowledge;
mod lines;
pub(super) mod memory;
mod output;
pub(super) mod show;

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, ValueEnum};
use jiff::Timestamp;

use crate::{
    clock::{Clock, System},
    payload::mapping::Target,
    record::Country,
    verify::{self, Arrival, Decision, Seal, Verdict, Verifier, words::Language},
};
use human::Human;
use knowledge::Sources;
use lines::LinesError;
use memory::Memory;
use output::Line;

/// How verdicts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a terminal: one word, the reason, name and date of birth
    Human,
    /// One JSON object a code
    Json,
}

/// Language of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Lang {
    /// English
    #[default]
    En,
    /// French
    Fr,
    /// Spanish
    Es,
    /// Portuguese
    Pt,
    /// Arabic
    Ar,
    /// Swahili
    Sw,
    /// Vietnamese
    Vi,
    /// Lao
    Lo,
    /// Sinhala
    Si,
    /// Tamil
    Ta,
    /// Amharic
    Am,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Fr => Self::French,
            Lang::Es => Self::Spanish,
            Lang::Pt => Self::Portuguese,
            Lang::Ar => Self::Arabic,
            Lang::Sw => Self::Swahili,
            Lang::Vi => Self::Vietnamese,
            Lang::Lo => Self::Lao,
            Lang::Si => Self::Sinhala,
            Lang::Ta => Self::Tamil,
            Lang::Am => Self::Amharic,
        }
    }
}

/// Arguments of the verifier.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// A text file with one code, a picture (PNG, JPEG), a PDF; - is standard input (the default)
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Each line of the input is a code; one JSON object a line comes out, in order
    #[arg(long)]
    lines: bool,
    /// How verdicts are written; default: human on a terminal, json elsewhere
    #[arg(long, value_enum)]
    format: Option<Form>,
    #[command(flatten)]
    sources: Sources,
    /// Time of verification (RFC 3339); default now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Country of arrival, whose rules apply (two letters)
    #[arg(long, value_name = "CC")]
    country: Option<Country>,
    /// Region of arrival, where a country has rules of its own for it
    #[arg(long, requires = "country")]
    region: Option<String>,
    /// Undecided where no revocation list speaks for the issuer
    #[arg(long)]
    require_revocations: bool,
    /// Show every trust list with what was left out of it and why, and end
    #[arg(long)]
    show_lists: bool,
    /// Put the decoded payload into the JSON
    #[arg(long)]
    payload: bool,
    /// Say a certificate whose signature passed in another format as well: its content there, without envelope
    /// and signature, and every element that was lost
    #[arg(long, value_name = "FORMAT", value_parser = convert::parser())]
    convert: Option<Target>,
    /// Tell every check in words
    #[arg(long)]
    explain: bool,
    /// Language of the words
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
    /// File that remembers the newest signed time and the newest bundles; default: the user's state folder
    #[arg(long, value_name = "PATH")]
    state: Option<PathBuf>,
}

impl VerifyArgs {
    /// Whether the call names what to go by.
    #[cfg(feature = "issue")]
    pub(in crate::cli) fn names_lists(&self) -> bool {
        !self.sources.trust.is_empty()
    }

    /// Goes by lists that were pulled.
    #[cfg(feature = "issue")]
    pub(in crate::cli) fn go_by(&mut self, pulled: Vec<knowledge::Pulled>) {
        self.sources.pulled = pulled;
    }
}

#[derive(Debug, Parser)]
#[command(
    name = "vaccert-verify",
    version,
    about = "Checks vaccination certificates, offline",
    after_help = "Exit status: 0 every code accepted, 1 some rejected, 2 usage, 3 some undecided and none rejected, \
                  4 a list or file could not be read. Where one person shows several certificates in one run \
                  (without --lines), the best one counts."
)]
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
/// Exit status of a wrong call.
const USAGE: u8 = 2;

/// Counts verdicts for the exit status.
#[derive(Default)]
struct Count {
    rejected: bool,
    undecided: bool,
    unreadable: bool,
}

impl Count {
    fn add(&mut self, decision: Decision) {
        match decision {
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
    let mut memory = Memory::open(args.state.as_deref());
    let knowledge = match args.sources.load(&mut memory) {
        Ok(knowledge) => knowledge,
        Err(error) => {
            eprintln!("vaccert-verify: {error}");
            return ExitCode::from(UNREADABLE);
        }
    };
    if args.show_lists {
        return show::print(&knowledge, args.at.unwrap_or(now));
    }
    let lacking = match &args.country {
        Some(_) if knowledge.rules.is_empty() => {
            Some("--country needs rules: give them with --rules, or a bundle that holds them with --trust")
        }
        None if !args.sources.rules.is_empty() => {
            Some("--rules needs the country of arrival: give its two letters with --country")
        }
        _ => None,
    };
    if let Some(lacking) = lacking {
        eprintln!("vaccert-verify: {lacking}");
        return ExitCode::from(USAGE);
    }
    // A time given by hand is nobody's clock.
    let newest = if args.at.is_some() { None } else { memory.newest_signed() };
    let at = args.at.unwrap_or(now);
    let language = Language::from(args.lang);
    let arrival = args.country.as_ref().map(|country| Arrival {
        country: country.as_str(),
        region: args.region.as_deref(),
        rules: &knowledge.rules,
        code_lists: &knowledge.code_lists,
        language: language.code(),
    });
    let verifier = knowledge
        .verifier(at)
        .with_revocations(&knowledge.revocations, args.require_revocations)
        .with_arrival(arrival)
        .with_newest_signed(newest)
        .with_payload(args.payload);
    let human = Human {
        language,
        explain: args.explain,
        convert: args.convert,
        trust: &knowledge.trust,
        value_sets: knowledge.value_sets(),
        at,
    };
    let in_words = match args.format {
        Some(form) => form == Form::Human,
        None => !args.lines && io::stdout().is_terminal(),
    };
    let mut session =
        Session { verifier, human, in_words, count: Count::default(), newest_issued: None, explain: args.explain };
    let standard = [PathBuf::from("-")];
    let inputs: &[PathBuf] = if args.inputs.is_empty() { &standard } else { &args.inputs };
    let ended = if args.lines { session.lines(inputs) } else { session.files(inputs) };
    if let Err(problem) = ended {
        // Whoever reads our output went away: that is no failure of a file.
        if problem.kind() != io::ErrorKind::BrokenPipe {
            eprintln!("vaccert-verify: the verdicts cannot be written: {problem}");
            session.count.unreadable = true;
        }
    }
    if args.at.is_none() {
        session.newest_issued.into_iter().for_each(|time| memory.saw(time));
    }
    memory.keep();
    session.count.exit()
}

/// One run over its inputs.
struct Session<'a> {
    verifier: Verifier<'a>,
    human: Human<'a>,
    in_words: bool,
    explain: bool,
    count: Count,
    /// Newest time of issue of an accepted certificate: time has passed at least so far.
    newest_issued: Option<Timestamp>,
}

impl Session<'_> {
    fn note(&mut self, verdict: &Verdict) {
        if verdict.verdict == Decision::Accepted {
            let issued = verdict.valid_from.as_deref().and_then(|time| time.parse().ok());
            self.newest_issued = self.newest_issued.max(issued);
        }
    }

    fn unreadable(&mut self, input: &Path, problem: &dyn std::fmt::Display) {
        eprintln!("vaccert-verify: {}: {problem}", input.display());
        self.count.unreadable = true;
    }

    /// Each file with its codes. Certificates of one person count once, by the best.
    fn files(&mut self, inputs: &[PathBuf]) -> io::Result<()> {
        let mut found: Vec<((&Path, Seal), Vec<u8>)> = Vec::new();
        for input in inputs {
            match input::codes(input) {
                Ok((codes, seal)) => found.extend(codes.into_iter().map(|code| ((input.as_path(), seal), code))),
                Err(problem) => self.unreadable(input, &problem),
            }
        }
        let found = verify::joined(found);
        let judged = found.iter().map(|((path, seal), code)| (*path, self.verifier.judge_in(code, *seal)));
        let (paths, verdicts): (Vec<&Path>, Vec<Verdict>) = judged.unzip();
        let best = verify::best(&verdicts);
        let many = verdicts.len() > 1;
        let mut out = io::BufWriter::new(io::stdout().lock());
        for (position, ((path, verdict), leader)) in paths.iter().zip(&verdicts).zip(&best).enumerate() {
            let counts = *leader == position;
            if counts {
                self.count.add(verdict.verdict);
            }
            self.note(verdict);
            if !self.in_words {
                let line = Line {
                    verdict,
                    input: many.then_some(path),
                    counts: (!counts).then_some(false),
                    human: &self.human,
                };
                line.write(self.explain, &mut out)?;
                continue;
            }
            if many {
                writeln!(out, "{}:", path.display())?;
            }
            self.human.write(verdict, &mut out)?;
            if !counts {
                let better = verdicts.get(*leader).map_or(Decision::Undecided, |verdict| verdict.verdict);
                self.human.write_better(better, paths.get(*leader).copied().unwrap_or(path), &mut out)?;
            }
        }
        out.flush()
    }

    /// Streams of codes.
    fn lines(&mut self, inputs: &[PathBuf]) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        for input in inputs {
            let file = match input::open(input) {
                Ok(file) => file,
                Err(problem) => {
                    self.unreadable(input, &problem);
                    continue;
                }
            };
            let (verifier, human, in_words, explain) = (self.verifier, self.human, self.in_words, self.explain);
            let answer = |text: &str| {
                let verdict = verifier.judge(text);
                let mut bytes = Vec::with_capacity(1024);
                let written = if in_words {
                    human.write(&verdict, &mut bytes)
                } else {
                    Line { verdict: &verdict, input: None, counts: None, human: &human }.write(explain, &mut bytes)
                };
                (verdict, written.map(|()| bytes))
            };
            let ended = lines::run(file, &mut out, answer, |(verdict, bytes), out| {
                self.count.add(verdict.verdict);
                self.note(&verdict);
                out.write_all(&bytes?)
            });
            match ended {
                Ok(()) => {}
                Err(LinesError::Read(problem)) => self.unreadable(input, &problem),
                Err(LinesError::Write(problem)) => return Err(problem),
            }
        }
        out.flush()
    }
}
