/// What went wrong in the log.
package struct LogStorageError: Error, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// The offset was deleted by retention or does not exist yet.
        case offsetOutOfRange
        /// The files contradict themselves: an operator must look.
        case corrupted
        case diskFull
        /// The disk or the file system refused.
        case inputOutput
        case unknownPartition
        /// Another process has the folder.
        case inUse
    }

    package var code: Code
    /// What happened, to which partition or file, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
