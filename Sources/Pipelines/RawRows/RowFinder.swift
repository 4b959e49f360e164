import JSONText

/// Finds the rows in a line that is not plainly one row, and says whose they are.
///
/// It undoes what clients wrap round rows: `{"value": row}`, `{"records": [{"value": row}]}`, lists of these, and JSON
/// strings that hold JSON, in any combination.
struct RowFinder {
    struct Row {
        var table: Int
        /// The row's object; valid as long as the line and the arena.
        var bytes: UnsafeRawBufferPointer
    }

    /// How many wrappers may lie in each other.
    private static let maxWrappers = 8

    private let router: RowRouter
    private let arena: TextArena
    private(set) var rows: [Row] = []
    private(set) var failures: [SetAsideReason] = []

    init(_ router: RowRouter, arena: TextArena) {
        self.router = router
        self.arena = arena
    }

    /// Looks through a line; `rows` and `failures` tell what was found.
    mutating func look(through line: UnsafeRawBufferPointer, topicTable: Int) {
        rows.removeAll(keepingCapacity: true)
        failures.removeAll(keepingCapacity: true)
        find(line, topicTable, depth: 0)
        // A list without any row is one record that is set aside, however many elements it has.
        if rows.isEmpty, failures.count > 1 { failures.removeSubrange(1...) }
    }

    private mutating func find(_ text: UnsafeRawBufferPointer, _ topicTable: Int, depth: Int) {
        guard depth < Self.maxWrappers else { return failures.append(.tooDeep) }
        do {
            var scanner = JSONScanner(text)
            switch try scanner.peekKind() {
            case .object:
                let members = try Self.members(&scanner, text)
                try scanner.finish()
                findRow(text, members, topicTable, depth)
            case .array:
                var elements: [UnsafeRawBufferPointer] = []
                try scanner.beginArray()
                while try scanner.nextElement() {
                    elements.append(UnsafeRawBufferPointer(rebasing: text[try scanner.value().range]))
                }
                try scanner.finish()
                if elements.isEmpty { failures.append(.notAnObject) }
                for element in elements { find(element, topicTable, depth: depth + 1) }
            case .string:
                let span = try scanner.value()
                try scanner.finish()
                findInString(UnsafeRawBufferPointer(rebasing: text[span.content]), topicTable, depth)
            default:
                _ = try scanner.value()
                try scanner.finish()
                failures.append(.notAnObject)
            }
        } catch {
            failures.append(Self.reason(error))
        }
    }

    private mutating func findRow(
        _ text: UnsafeRawBufferPointer, _ members: [Member], _ topicTable: Int, _ depth: Int
    ) {
        switch router.route(members.map(\.name), topicTable: topicTable) {
        case .table(let table): rows.append(Row(table: table, bytes: text))
        case let route:
            if let wrapped = members.first(where: { $0.name == "value" || $0.name == "records" }) {
                find(wrapped.bytes(in: text), topicTable, depth: depth + 1)
            } else {
                failures.append(route == .noKey ? .noKey : .noTable)
            }
        }
    }

    private mutating func findInString(_ content: UnsafeRawBufferPointer, _ topicTable: Int, _ depth: Int) {
        var inner: [UInt8] = []
        JSONText.unescape(content, into: &inner)
        let text = arena.copy(inner)
        // A text that holds no container or string is just a text.
        guard let first = text.first(where: { !$0.isBlank }), "{[\"".utf8.contains(first) else {
            return failures.append(.notAnObject)
        }
        find(text, topicTable, depth: depth + 1)
    }

    static func reason(_ error: JSONTextError) -> SetAsideReason {
        switch error.code {
        case .duplicateMember: .repeatedMember
        case .depthExceeded: .tooDeep
        default: .notJSON
        }
    }

    // MARK: Members

    struct Member {
        var name: String
        var span: JSONValueSpan

        func bytes(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: text[span.range])
        }
    }

    static func members(
        _ scanner: inout JSONScanner, _ text: UnsafeRawBufferPointer
    ) throws(JSONTextError) -> [Member] {
        var members: [Member] = []
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            let bytes = name.hasEscapes ? scanner.unescapedName(name) : Array(text[name.range])
            members.append(Member(name: String(decoding: bytes, as: UTF8.self), span: try scanner.value()))
        }
        return members
    }

    /// Puts the members of a row that `look` found into slots; a column's own name wins over its aliases.
    static func fill(_ slots: RowSlots, from row: UnsafeRawBufferPointer, of table: TableDefinition) {
        slots.clear()
        var scanner = JSONScanner(row)
        guard let members = try? members(&scanner, row), let base = row.baseAddress else { return }
        let start = base.assumingMemoryBound(to: UInt8.self)
        for member in members {
            for (index, column) in table.columns.enumerated() {
                guard column.name == member.name || column.aliases.contains(member.name) && !slots.has(index)
                else {
                    continue
                }
                let isString = member.span.kind == .string
                let range = isString ? member.span.content : member.span.range
                slots.set(index, kind(of: member.span, in: row), start + range.lowerBound, range.count)
            }
        }
    }

    private static func kind(of span: JSONValueSpan, in row: UnsafeRawBufferPointer) -> SlotKind {
        switch span.kind {
        case .string: span.hasEscapes ? .escapedString : .string
        case .number: row[span.range].contains { ".eE".utf8.contains($0) } ? .number : .integer
        case .true: .true
        case .false: .false
        case .null: .null
        case .object, .array: .container
        }
    }
}
