import Testing

/// Tests that start the built `weir` and talk to it as its users do. `make test` runs them; each
/// starts servers, so they take turns.
///
/// - `WEIR_END_TO_END`: set by `make test`, which has built everything that they need.
/// - `WEIR_BIN`, `WEIR_PLUGIN_FOLDER`: another weir than the one in `.build/debug`.
/// - `WEIR_DIST`: the folder that `make build` has made.
@Suite(.serialized, .enabled(if: Build.isAsked, "run make test"))
struct EndToEnd {}
