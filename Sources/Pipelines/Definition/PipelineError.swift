/// Why a pipeline could not be read or run.
package struct PipelineError: Error, Sendable {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// The pipeline's folder, or a file in it, is not there.
        case missing
        /// A file of the pipeline is wrong.
        case invalidFile
        /// No query has the name that was asked for.
        case unknownQuery
        /// A parameter of a query has no value, or a value belongs to none.
        case invalidParameter
        /// The bucket is not there or holds nothing to read.
        case nothingToRead
        /// A file could not be read.
        case inputOutput
    }

    package var code: Code
    /// What happened and how to put it right; one line.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension PipelineError: CustomStringConvertible {
    package var description: String { message }
}
