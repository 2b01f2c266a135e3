//! The operator's tool and the service.

fn main() -> std::process::ExitCode {
    vaccert::cli::main()
}
