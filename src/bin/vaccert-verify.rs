//! The offline verifier.

fn main() -> std::process::ExitCode {
    vaccert::cli::verify::main(vaccert::clock::Clock::now(&vaccert::clock::System))
}
