import QueryEngine
import Yams

/// Reads nodes and says in which line something is wrong.
struct YAMLReader {
    let path: String

    func error(_ node: Node, _ what: String) -> PipelineError {
        PipelineError(.invalidFile, "\(path)\(node.mark.map { ":\($0.line)" } ?? ""): \(what).")
    }

    func pairs(of node: Node, _ what: String) throws(PipelineError) -> [(String, Node)] {
        guard case .mapping(let mapping) = node else {
            throw error(node, "\(what) must be names with values")
        }
        var pairs: [(String, Node)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw error(key, "a name in \(what) is no text") }
            guard !pairs.contains(where: { $0.0 == name }) else { throw error(key, "\(name) occurs twice") }
            pairs.append((name, value))
        }
        return pairs
    }

    func members(of node: Node, of what: String, allowed: [String]) throws(PipelineError) -> [String: Node] {
        guard case .mapping(let mapping) = node else {
            throw error(node, "\(what) must be names with values")
        }
        for (key, _) in mapping {
            guard let name = key.scalar?.string, allowed.contains(name) else {
                let known = allowed.joined(separator: ", ")
                throw error(
                    key, "\(what) has no setting \(key.scalar?.string ?? "like this"); there are \(known)")
            }
        }
        return Dictionary(try pairs(of: node, what)) { first, _ in first }
    }

    func text(_ node: Node?, _ name: String, in parent: Node) throws(PipelineError) -> String {
        guard let node else { throw error(parent, "\(name) is missing") }
        guard let text = node.scalar?.string, !text.isEmpty else {
            throw error(node, "\(name) must be a text")
        }
        return text
    }

    func texts(_ node: Node?, _ name: String) throws(PipelineError) -> [String] {
        guard let node else { return [] }
        guard case .sequence(let sequence) = node else {
            throw error(node, "\(name) must be a list of texts")
        }
        var texts: [String] = []
        for element in sequence {
            guard let text = element.scalar?.string else {
                throw error(element, "\(name) must be a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    func flag(_ node: Node?, _ name: String) throws(PipelineError) -> Bool {
        guard let node else { return false }
        guard let flag = node.bool else { throw error(node, "\(name) must be true or false") }
        return flag
    }

    /// A parameter's value: a number or truth value if it looks like one and is not in quotes, else text.
    func value(_ node: Node) -> SQLValue {
        guard let scalar = node.scalar else { return .null }
        guard scalar.style == .plain || scalar.style == .any else { return .text(scalar.string) }
        return QueryParameters.value(of: scalar.string)
    }

    func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isNameStart else { return false }
        return text.utf8.allSatisfy(\.isNamePart)
    }
}
