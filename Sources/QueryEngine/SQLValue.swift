/// The type of a result column, as far as the engines agree on one.
package indirect enum SQLType: Sendable, Equatable {
    case bool, integer, double, decimal(width: Int, scale: Int), text, blob
    case timestamp, date, time, interval
    case list(SQLType)
    case structure([ResultColumn])
    /// Known to the engine only; values come as text.
    case other

    /// True for numbers, which a table of rows puts to the right.
    package var isNumber: Bool {
        switch self {
        case .integer, .double, .decimal: true
        default: false
        }
    }
}

/// One value of a result.
package enum SQLValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case decimal(SQLDecimal)
    case text(String)
    case blob([UInt8])
    /// Microseconds since 1970-01-01 in UTC.
    case timestamp(Int64)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since midnight.
    case time(Int64)
    case list([SQLValue])
    case structure([SQLField])
}

/// A member of a structured value.
package struct SQLField: Sendable, Equatable {
    package var name: String
    package var value: SQLValue

    package init(name: String, value: SQLValue) {
        self.name = name
        self.value = value
    }
}

/// A number with a fixed count of digits behind the point.
package struct SQLDecimal: Sendable, Equatable, CustomStringConvertible {
    package var unscaled: Int128
    package var scale: Int

    package init(unscaled: Int128, scale: Int) {
        self.unscaled = unscaled
        self.scale = scale
    }

    package var description: String {
        guard scale > 0 else { return String(unscaled) }
        var digits = String(unscaled.magnitude)
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        return (unscaled < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
    }
}
