/// The file system as the log uses it; handed in so that tests can make it fail.
package protocol LogDisk: Sendable {
    /// Opens a file to read and append, making it if asked to.
    func open(_ path: String, creating: Bool) throws(LogStorageError) -> any LogFile
    /// The bytes of a file; nil if there is none of that name.
    func fileSize(_ path: String) throws(LogStorageError) -> Int?
    /// The names in a folder, unsorted; empty if there is no such folder.
    func list(_ path: String) throws(LogStorageError) -> [String]
    /// Makes a folder and those above it; no error if it is there.
    func makeDirectory(_ path: String) throws(LogStorageError)
    func rename(_ path: String, to newPath: String) throws(LogStorageError)
    /// Deletes a file, or a folder with all that it holds; no error if it is gone.
    func remove(_ path: String) throws(LogStorageError)
    /// Makes names that were added to or removed from a folder durable.
    func synchronizeDirectory(_ path: String) throws(LogStorageError)
}

/// An open file of the log.
package protocol LogFile: AnyObject, Sendable {
    func size() throws(LogStorageError) -> Int
    /// Writes all bytes at the end of the file, or throws with an unknown part of them written.
    func append(_ bytes: UnsafeRawBufferPointer) throws(LogStorageError)
    /// Reads until the buffer is full or the file ends; returns how many bytes were read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(LogStorageError) -> Int
    func truncate(to size: Int) throws(LogStorageError)
    /// Makes the file's content durable (`fdatasync`).
    func synchronize() throws(LogStorageError)
}
