/// What patterns of other languages have and ECMA-262's have not, or read otherwise; what to write instead.
enum ForeignPattern {
    /// Groups by what follows `(?`.
    static let groups = [
        ("=", "a pattern that looks ahead cannot be followed letter by letter"),
        ("!", "a pattern that looks ahead cannot be followed letter by letter"),
        ("<=", "a pattern that looks behind cannot be followed letter by letter"),
        ("<!", "a pattern that looks behind cannot be followed letter by letter"),
        ("P=", "a pattern that refers back is not regular; write out what the group may be"),
        ("P>", "a pattern that calls itself is not regular; write out what the group may be"),
        ("#", "comments are not of JavaScript's patterns; leave it out"),
        (">", "a group that gives nothing back is not regular; write '(?:'"),
    ]

    /// Flags within a pattern.
    static let flags: [Unicode.Scalar: String] = [
        "i": "write both cases: [aA]", "s": "write [\\s\\S] for any character, line ends too",
        "m": "'^' and '$' are the ends of the whole text; write \\n where a line ends",
        "x": "leave spaces and comments out", "a": "\\w, \\d and \\s are ASCII's here; leave it out",
        "u": "\\w, \\d and \\s are ASCII's here; write \\p{L} for any letter",
    ]

    /// Classes of POSIX.
    static let classes = [
        "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": "\\s",
        "blank": " \\t", "xdigit": "0-9A-Fa-f", "word": "\\w", "punct": "!-\\/:-@\\[-`{-~", "cntrl": "\\x00-\\x1F\\x7F",
        "print": "\\x20-\\x7E", "graph": "!-~", "ascii": "\\x00-\\x7F",
    ]
}
