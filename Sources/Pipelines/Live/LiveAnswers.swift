import JSONText
import StreamModel
import Synchronization

/// An answer as it goes to a client.
package struct LiveAnswer: Sendable {
    package enum Status: Sendable { case ok, badRequest, notFound }

    package var status: Status
    /// JSON.
    package var body: [UInt8]
    /// The same for answers that tell the same, whenever.
    package var fingerprint: UInt64

    init(_ status: Status, fingerprint: UInt64 = 0, _ body: (inout JSONWriter) -> Void) {
        self.status = status
        self.fingerprint = fingerprint
        self.body = JSONWriter.bytes { $0.object(body) }
    }

    init(_ refusal: LiveRefusal) {
        self.init(refusal.isUnknown ? .notFound : .badRequest) {
            $0.member("error_code", refusal.isUnknown ? 404 : 400)
            $0.member("message", refusal.message)
            $0.member("known", strings: refusal.known)
        }
    }
}

/// Why a question has no answer.
struct LiveRefusal: Error {
    /// What was asked for does not exist, rather than being asked for wrongly.
    var isUnknown = false
    var message: String
    /// What could have been asked for instead.
    var known: [String]
}

/// A question's parameters, checked.
struct LiveRequest: Sendable {
    var window: Int
    var by: [String] = []
    /// Columns that must have a value.
    var filters: [(column: String, text: String)] = []
    var limit = LiveSettings.defaultRows
    var order: String?

    init(
        _ parameters: [(name: String, value: String)], windows: [LiveWindow], defaultWindow: Int
    ) throws(LiveRefusal) {
        window = defaultWindow
        for (name, value) in parameters {
            switch name {
            case "window":
                guard let place = windows.firstIndex(where: { $0.name == value }) else {
                    throw LiveRefusal(
                        message: "There is no window \(value).", known: windows.map(\.name))
                }
                window = place
            case "by": by += value.split(separator: ",").map(String.init)
            case "limit":
                guard let number = Int(value), (1...LiveSettings.maxRows).contains(number) else {
                    throw LiveRefusal(
                        message: "limit is a number from 1 to \(LiveSettings.maxRows), not \(value).",
                        known: [])
                }
                limit = number
            case "order": order = value
            // How often events are sent is the sender's to know.
            case "rate": break
            default: filters.append((name, value))
            }
        }
        guard Set(by).count == by.count, Set(filters.map(\.column)).count == filters.count else {
            throw LiveRefusal(message: "A column is named twice.", known: [])
        }
    }
}

extension LiveMetrics {
    /// Changes when something was counted.
    package var version: UInt64 { counts.withLock { $0.version } }

    /// The metrics that there are.
    package func list() -> LiveAnswer {
        let (records, countedAt, failures, forgotten) = counts.withLock { state in
            (state.records, state.countedAt, state.failures, state.joins.map(\.forgotten))
        }
        return LiveAnswer(.ok) { json in
            json.member(
                "metrics",
                array: { json in
                    for name in names { json.object { describe(name, &$0) } }
                })
            json.member("windows", strings: definition.windows.map(\.name))
            json.member("window", definition.windows[definition.defaultWindow].name)
            json.member("records", records)
            json.member("counted_at", orNull: countedAt)
            json.member(
                "joins",
                array: { json in
                    for (join, forgotten) in zip(definition.joins, forgotten) {
                        json.object {
                            $0.member("join", join.name)
                            $0.member("forgotten", forgotten)
                        }
                    }
                })
            json.member("failures", strings: failures.sorted { $0.key < $1.key }.map(\.value))
        }
    }

    /// By name, the program's own last.
    var names: [String] {
        var names: [String] = []
        for source in sources where !names.contains(source.metric) { names.append(source.metric) }
        return names.sorted() + [Self.ratesName]
    }

    private func describe(_ name: String, _ json: inout JSONWriter) {
        json.member("metric", name)
        let fed = sources.filter { $0.metric == name }
        guard let first = fed.first else {
            json.member("title", "How many rows come, how late their events are, how soon they are counted.")
            json.member("group", strings: ["table"])
            json.member("by", strings: [])
            json.member("measures", strings: RateRow.names)
            return
        }
        json.member("title", first.title)
        json.member("group", strings: first.shape.group)
        var by: [String] = []
        for column in fed.flatMap(\.by) where !by.contains(column) { by.append(column) }
        json.member("by", strings: by)
        json.member("measures", strings: first.shape.names)
    }

    /// The first rows of a metric over a window.
    package func answer(_ metric: String, _ parameters: [(name: String, value: String)]) -> LiveAnswer {
        do throws(LiveRefusal) {
            let request = try LiveRequest(
                parameters, windows: definition.windows, defaultWindow: definition.defaultWindow)
            return metric == Self.ratesName ? try rates(request) : try ranking(of: metric, request)
        } catch {
            return LiveAnswer(error)
        }
    }

    private func ranking(of metric: String, _ request: LiveRequest) throws(LiveRefusal) -> LiveAnswer {
        let index = try cube(of: metric, telling: request.by, request.filters.map(\.column))
        let source = sources[index]
        let order = request.order ?? source.shape.order
        guard source.shape.names.contains(order) else {
            throw LiveRefusal(message: "\(metric) has no measure \(order).", known: source.shape.names)
        }
        if source.shape.trend != nil, request.window == definition.windows.count - 1 {
            throw LiveRefusal(
                message: "\(metric) compares a window with what lies before it, and nothing lies before "
                    + "\(definition.windows[request.window].name).",
                known: definition.windows.dropLast().map(\.name))
        }
        let columns = source.by.filter { request.by.contains($0) } + source.shape.group
        let question = source.question(request, order: .measure(order))
        let (answer, told) = ask(index, question)
        return render(metric, request, columns + source.shape.names, told) { json in
            json.member("groups", answer.groups)
            json.member("total", answer.total)
        } rows: {
            answer.rows.map { $0.key + $0.measures }
        } isExact: {
            !answer.isShort
        }
    }

    /// The cube that knows all of these columns, and the fewest besides.
    func cube(
        of metric: String, telling by: [String], _ filters: [String]
    ) throws(LiveRefusal) -> Int {
        let places = sources.indices.filter { sources[$0].metric == metric }
        guard !places.isEmpty else {
            throw LiveRefusal(isUnknown: true, message: "There is no live metric \(metric).", known: names)
        }
        // The one with the fewest columns has waited for the fewest partners.
        let fitting = places.filter { place in
            by.allSatisfy { sources[place].by.contains($0) }
                && filters.allSatisfy { (sources[place].by + sources[place].shape.group).contains($0) }
        }.min { sources[$0].by.count < sources[$1].by.count }
        guard let fitting else {
            var known: [String] = []
            for column in places.flatMap({ sources[$0].by }) where !known.contains(column) {
                known.append(column)
            }
            throw LiveRefusal(
                message: "\(metric) cannot be told apart by \((by + filters).joined(separator: ", ")); "
                    + "other parameters are window, by, limit, order.",
                known: known + sources[places[0]].shape.group)
        }
        return fitting
    }

    /// What is told beside the rows.
    struct Told {
        var asOf: Int64
        var records: Int64
        var countedAt: Int64?
        /// By how much a sum may be too large or too small.
        var error: Int64
        var failure: String?
    }

    func ask(_ index: Int, _ question: CubeQuestion) -> (CubeAnswer, Told) {
        counts.withLock { state in
            var question = question
            question.now = state.advance(to: clock.milliseconds)
            let told = Told(
                asOf: question.now, records: state.records, countedAt: state.countedAt,
                error: state.cubes[index].sums[question.window].error,
                failure: state.failures[sources[index].stem])
            return (state.cubes[index].rank(question), told)
        }
    }

    func render(
        _ metric: String, _ request: LiveRequest, _ columns: [String], _ told: Told,
        more: (inout JSONWriter) -> Void = { _ in }, rows: () -> [[LiveValue]], isExact: () -> Bool = { true }
    ) -> LiveAnswer {
        let window = definition.windows[request.window]
        let body = JSONWriter.bytes { json in
            json.array { json in
                for row in rows() {
                    json.object { json in
                        for (name, value) in zip(columns, row) { json.member(name, value) }
                    }
                }
            }
        }
        return LiveAnswer(.ok, fingerprint: LiveValue.hash(String(decoding: body, as: UTF8.self))) { json in
            json.member("metric", metric)
            json.member("window", window.name)
            json.member("from", window.begin(at: told.asOf))
            json.member("as_of", told.asOf)
            json.member("counted_at", orNull: told.countedAt)
            json.member("records", told.records)
            json.member("by", strings: request.by)
            json.member("exact", told.error == 0 && isExact())
            json.member(
                "error",
                object: {
                    $0.member("max_overcount", told.error)
                    $0.member("max_undercount", told.error)
                })
            if let failure = told.failure { json.member("failure", failure) }
            more(&json)
            json.key("rows")
            json.json(body)
        }
    }
}

extension LiveSource {
    func question(_ request: LiveRequest, order: CubeQuestion.Order) -> CubeQuestion {
        let columns = by + shape.group
        var set = 0
        for (place, column) in by.enumerated() where request.by.contains(column) { set |= 1 << place }
        let filters = request.filters.compactMap { filter in
            columns.firstIndex(of: filter.column).map { ($0, filter.text) }
        }
        return CubeQuestion(
            window: request.window, set: set, filters: filters, order: order, limit: request.limit, now: 0)
    }
}

extension JSONWriter {
    mutating func member(_ name: String, _ value: LiveValue) {
        key(name)
        switch value {
        case .null: null()
        case .integer(let number): integer(number)
        case .double(let number): double(number)
        case .text(let text): string(text)
        }
    }

    mutating func member(_ name: String, orNull number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }
}
