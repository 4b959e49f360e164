/// A store whose objects are files of this machine, that other programs may read where they lie.
package protocol LocalObjects: Sendable {
    /// The file that holds an object, if there is one.
    func path(of key: ObjectKey) -> String
}

extension DirectoryStore: LocalObjects {
    package func path(of key: ObjectKey) -> String { "\(root)/\(key)" }
}
