import Foundation
import QueryEngine

/// A value of a row as the live metrics keep it.
enum LiveValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)

    /// Texts are equal if their bytes are, as in SQL, not if they only look the same.
    static func == (left: LiveValue, right: LiveValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let left), .integer(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.text(let left), .text(let right)): left == right && left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// Longer texts are cut, so that a row's memory is bounded.
    static let maxTextBytes = 1_024

    init(_ value: SQLValue) {
        switch value {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .text(let text): self = .text(Self.cut(text))
        default: self = .text(Self.cut(value.text))
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maxTextBytes else { return text }
        return String(decoding: text.utf8.prefix(maxTextBytes - 4), as: UTF8.self) + "…"
    }

    /// A whole number, as measures are; nil if it is none.
    static func number(_ value: SQLValue) -> Int64? {
        switch value {
        case .integer(let number): number
        case .bool(let isSet): isSet ? 1 : 0
        case .double(let number): Int64(exactly: number)
        case .decimal(let number) where number.scale == 0: Int64(exactly: number.unscaled)
        default: nil
        }
    }

    /// A number that two equal values share, and that lasts longer than this process.
    var fingerprint: UInt64 {
        switch self {
        case .null: 0
        case .integer(let number): Self.hash("i\(number)")
        case .double(let number): Self.hash("d\(number.bitPattern)")
        case .text(let text): Self.hash("t\(text)")
        }
    }

    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // Spreads the last bytes over all bits.
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 29)
    }

    /// Whether it is what a client wrote in a query.
    func isCalled(_ text: String) -> Bool {
        switch self {
        case .null: text.isEmpty
        case .integer(let number): Int64(text) == number
        case .double(let number): Double(text) == number
        case .text(let own): own == text
        }
    }

    /// A total order, so that equal ranks always come in the same order.
    static func comes(_ left: LiveValue, before right: LiveValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.text(let left), .text(let right)): comes(left, before: right)
        default: left.rank < right.rank
        }
    }

    /// By their bytes.
    private static func comes(_ left: String, before right: String) -> Bool {
        let isLess = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(first, second, min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }
        return (isLess ?? nil) ?? left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private var rank: Int {
        switch self {
        case .integer: 0
        case .double: 1
        case .text: 2
        case .null: 3
        }
    }
}

extension [LiveValue] {
    static func comes(_ left: Self, before right: Self) -> Bool {
        for index in 0..<Swift.min(left.count, right.count) {
            if LiveValue.comes(left[index], before: right[index]) { return true }
            if LiveValue.comes(right[index], before: left[index]) { return false }
        }
        return left.count < right.count
    }
}
