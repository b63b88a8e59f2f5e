/// HTML that is being written.
struct HTML: Sendable {
    private(set) var bytes: [UInt8] = []

    /// What is HTML already.
    mutating func raw(_ html: String) { bytes += Array(html.utf8) }

    /// Text, also inside a quoted attribute.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            default: bytes.append(byte)
            }
        }
    }
}

/// Everything before the first words of the page. Dark or light as the reader's system is; on a
/// phone as on a screen.
let pageStart = """
    <!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Targets · Weir</title><style>
    :root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1b1f24;
      --soft: #59636e; --line: #d8dee4; --up: #1a7f37; --down: #cf222e; --wait: #9a6700;
      --chip: #eef1f4 }
    @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22;
      --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --up: #3fb950; --down: #ff7b72;
      --wait: #d29922; --chip: #21262d } }
    * { box-sizing: border-box }
    body { margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, sans-serif }
    main { max-width: 70rem; margin: 0 auto; padding: 1rem }
    h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem }
    h1, h2, code, .error, .labels span { overflow-wrap: anywhere }
    small { color: var(--soft); font-weight: normal }
    .sum { margin: .3rem 0 .8rem } .sum > * { margin-right: .8rem; white-space: nowrap }
    form { display: flex; flex-wrap: wrap; gap: .5rem }
    form > * { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line);
      border-radius: .4rem; background: var(--card); color: inherit; max-width: 100% }
    input { flex: 1 1 12rem }
    article { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid
      var(--line); border-radius: .4rem; padding: .6rem .8rem; margin: .5rem 0 }
    article.up { border-left-color: var(--up) } article.down { border-left-color: var(--down) }
    article.unknown { border-left-color: var(--wait) }
    article header { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline }
    .up > header b, b.up { color: var(--up) } .down > header b, b.down { color: var(--down) }
    .unknown > header b, b.unknown { color: var(--wait) }
    article p { margin: .25rem 0 } .error { color: var(--down) }
    .dropped .error { color: var(--ink) }
    .facts { color: var(--soft); font-size: .9rem } .facts span { margin-right: .9rem;
      white-space: nowrap }
    .labels { display: flex; flex-wrap: wrap; gap: .25rem }
    .labels span { background: var(--chip); border-radius: .3rem; padding: 0 .4rem;
      font: .82rem/1.6 ui-monospace, monospace }
    summary { color: var(--soft); cursor: pointer; font-size: .9rem }
    </style></head><body><main><h1>Targets</h1>
    """
