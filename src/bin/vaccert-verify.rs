//! The offline verifier.

fn main() -> std::process::ExitCode {
    vaccert::cli::verify::main()
}
