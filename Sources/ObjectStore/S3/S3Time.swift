import AWSSigning

/// The two forms in which S3 writes times, as milliseconds since 1970.
enum S3Time {
    /// `2026-01-02T03:04:05.678Z`, as in bodies.
    static func iso(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return nil }
        var compact = String(whole).filter { $0 != "-" && $0 != ":" }
        if !compact.hasSuffix("Z") { compact += "Z" }
        guard let time = SigningTime(compact) else { return nil }
        let digits = (parts.count > 1 ? parts[1] : "").prefix { $0.isASCII && $0.isNumber }.prefix(3)
        let fraction = Int64(digits + String(repeating: "0", count: 3 - digits.count)) ?? 0
        return time.seconds * 1000 + fraction
    }

    /// `Fri, 02 Jan 2026 03:04:05 GMT`, as in headers.
    static func httpDate(_ text: some StringProtocol) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].count == 2,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        let clock = String(words[4]).filter { $0 != ":" }
        return SigningTime("\(words[3])\(number)\(words[1])T\(clock)Z").map { $0.seconds * 1000 }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
