/// Where records are posted to: the address of a gateway, with any stage before `/topics` or `/streams`.
package struct PostingTarget: Sendable, Equatable {
    /// The address without slashes at its end.
    package let address: String

    package static let `default` = "http://127.0.0.1:8082"

    /// Checks an address; throws `unusableTarget` if it is none that records can be posted to.
    package init(_ text: String) throws(EmulationError) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let isHTTP = parts.count == 3 && parts[1].isEmpty && (parts[0] == "http:" || parts[0] == "https:")
        guard isHTTP, let host = parts[2].split(separator: "/", omittingEmptySubsequences: false).first,
            !host.isEmpty, !host.hasPrefix(":")
        else {
            throw EmulationError(
                .unusableTarget,
                "\(text) is no address to post to: it has the form http://127.0.0.1:8082 or, with a stage,"
                    + " http://127.0.0.1:8082/test")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("?"), !text.contains("#")
        else {
            throw EmulationError(
                .unusableTarget,
                "\(text) holds blanks, a query or characters beyond ASCII; /topics/<topic> or /streams/<stream> is added to it"
            )
        }
        var address = text
        while address.hasSuffix("/") { address.removeLast() }
        for end in ["/topics", "/streams"] where address.hasSuffix(end) { address.removeLast(end.count) }
        self.address = address
    }

    func url(of path: String) -> String { address + path }
}
